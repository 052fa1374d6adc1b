// SPDX-License-Identifier: MIT
/* What the tests of the block layer share: a directory for image files, and every driver. */
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block/block-backend.h"
#include "block/block_int.h"
#include "block/blockdev.h"
#include "util/module.h"
#include "util/option.h"

class BlockTest : public ::testing::Test {
protected:
    BlockTest() {
        bdrv_init();
        module_call_init(MODULE_INIT_OPTS);
        if (!qemu_find_opts("device")) qemu_add_opts(&device_opts());
        char name[] = "/tmp/vl-block-XXXXXX";
        dir = mkdtemp(name);
    }

    ~BlockTest() override {
        while (BlockBackend *blk = blk_next(nullptr)) {
            monitor_remove_blk(blk);
            blk_unref(blk);
        }
        EXPECT_TRUE(bdrv_all_nodes().empty());
        for (const char *group : { "drive", "device" }) {
            auto &head = qemu_find_opts(group)->head;
            while (!head.empty()) qemu_opts_del(head.back().get());
        }
        std::filesystem::remove_all(dir);
    }

    static QemuOptsList &device_opts() {
        static QemuOptsList list = { .name = "device" };
        return list;
    }

    // Writes a file of that content and returns its path.
    std::string make_file(const std::string &name, const std::string &content) {
        std::string path = dir + "/" + name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

    // A file of `size` bytes with a pattern in it.
    std::string make_image(const std::string &name, size_t size) {
        std::string content(size, '\0');
        for (size_t i = 0; i < size; i++) content[i] = pattern(i);
        return make_file(name, content);
    }

    static char pattern(size_t i) { return static_cast<char>(i * 7 + i / 512 + 1); }

    static std::string read_file(const std::string &path) {
        std::ifstream in(path, std::ios::binary);
        return { std::istreambuf_iterator<char>(in), {} };
    }

    // What `-drive <text>` answers: the message, or "" if the drive is open.
    static std::string drive_error(const std::string &text) {
        Error *err = nullptr;
        QemuOpts *opts = qemu_opts_parse(qemu_find_opts("drive"), text, false, &err);
        DriveInfo *dinfo = opts ? drive_new(opts, IF_NONE, &err) : nullptr;
        EXPECT_EQ(dinfo == nullptr, err != nullptr);
        if (!err) return "";
        std::string message = error_get_pretty(err);
        error_free(err);
        return message;
    }

    // The backend of `-drive <text>,id=<id>`, which must open.
    static BlockBackend *open_drive(const std::string &text, const std::string &id = "d") {
        EXPECT_EQ(drive_error(text + ",id=" + id), "");
        return blk_by_name(id.c_str());
    }

    std::string dir;
};
