// SPDX-License-Identifier: MIT
/* A chardev on file descriptors: what stdio, files and pipes have in common. */
#pragma once

#include "util/chardev.h"

// Either may be -1: nothing comes, or what is written vanishes. The descriptors are the owner's.
struct FdChardev : Chardev {
    int in_fd, out_fd;
    bool reads = false;   // in_fd is watched
    bool has_eof = false; // nothing comes any more
    bool writes = false;  // out_fd is watched

    FdChardev(std::string name, int in, int out) : in_fd(in), out_fd(out) {
        filename = std::move(name);
    }
    ~FdChardev() override;
    int write(const uint8_t *buf, int size) override;
    void watch_output() override;
    void set_frontend(const CharFrontend &frontend) override;
    void accept_input() override;
    void watch(bool read, bool write);
};
