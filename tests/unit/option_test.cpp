// SPDX-License-Identifier: MIT
/* util/option and util/config-file: the grammar, the values, the files. */
#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "util/option.h"

static std::string text_of(Error *err) {
    std::string text = err ? error_get_pretty(err) : "(no error)";
    error_free(err);
    return text;
}

static std::string pairs_of(const std::string &params, const char *implied = nullptr) {
    std::vector<QemuOpt> pairs;
    Error *err = nullptr;
    if (!opts_parse_pairs(params, implied, &pairs, &err)) return text_of(err);
    std::string text;
    for (const QemuOpt &pair : pairs) text += pair.name + "[" + pair.value + "]";
    return text;
}

TEST(OptsGrammar, PairsFlagsAndTheImpliedKey) {
    EXPECT_EQ(pairs_of("a=1,b=2"), "a[1]b[2]");
    EXPECT_EQ(pairs_of("x,y", "file"), "file[x]y[on]");
    EXPECT_EQ(pairs_of("x,y"), "x[on]y[on]");
    EXPECT_EQ(pairs_of("a=,b"), "a[]b[on]");
    EXPECT_EQ(pairs_of(""), "");
}

TEST(OptsGrammar, TwoCommasAreOne) {
    EXPECT_EQ(pairs_of("file=a,,b,c=d"), "file[a,b]c[d]");
    EXPECT_EQ(pairs_of("file=,,,,"), "file[,,]");
    EXPECT_EQ(opts_escape("a,b,,c"), "a,,b,,,,c");
}

TEST(OptsGrammar, AnEmptyNameIsRefused) { EXPECT_EQ(pairs_of("=1"), "Invalid parameter ''"); }

TEST(Opts, TheLastDuplicateWins) {
    QemuOptsList list = { .name = "test" };
    QemuOpts *opts = qemu_opts_parse(&list, "a=1,a=2", true, &error_abort);
    EXPECT_STREQ(qemu_opt_get(opts, "a"), "2");
    EXPECT_EQ(qemu_opt_get(opts, "b"), nullptr);
}

TEST(Opts, AFailedParseLeavesNothing) {
    QemuOptsList list = { .name = "test", .desc = { { "flag", QEMU_OPT_BOOL } } };
    Error *err = nullptr;
    EXPECT_EQ(qemu_opts_parse(&list, "flag=maybe", true, &err), nullptr);
    EXPECT_EQ(text_of(err), "Parameter 'flag' expects 'on' or 'off'");
    err = nullptr;
    EXPECT_EQ(qemu_opts_parse(&list, "other=1", true, &err), nullptr);
    EXPECT_EQ(text_of(err), "Invalid parameter 'other'");
    EXPECT_TRUE(list.head.empty());
}

TEST(Opts, IdsAreUniqueAndWellFormed) {
    QemuOptsList list = { .name = "drive" };
    ASSERT_NE(qemu_opts_parse(&list, "id=a.b-c_1", true, &error_abort), nullptr);
    Error *err = nullptr;
    EXPECT_EQ(qemu_opts_parse(&list, "id=a.b-c_1", true, &err), nullptr);
    EXPECT_EQ(text_of(err), "Duplicate ID 'a.b-c_1' for drive");
    err = nullptr;
    EXPECT_EQ(qemu_opts_parse(&list, "id=1a", true, &err), nullptr);
    EXPECT_EQ(text_of(err), "Parameter 'id' expects an identifier");
    EXPECT_FALSE(id_wellformed(""));
    EXPECT_FALSE(id_wellformed("a b"));
}

TEST(Opts, MergedListsHaveOneMember) {
    QemuOptsList list = { .name = "machine", .implied_opt_name = "type", .merge_lists = true };
    QemuOpts *one = qemu_opts_parse(&list, "toy", true, &error_abort);
    QemuOpts *two = qemu_opts_parse(&list, "kernel=x", true, &error_abort);
    EXPECT_EQ(one, two);
    EXPECT_STREQ(qemu_opt_get(one, "type"), "toy");
    EXPECT_STREQ(qemu_opt_get(one, "kernel"), "x");
}

static uint64_t size_of(const std::string &text) {
    uint64_t size = 0;
    Error *err = nullptr;
    bool ok = parse_option_size("s", text, &size, &err);
    EXPECT_TRUE(ok) << text << ": " << text_of(err);
    return size;
}

TEST(OptionValues, Sizes) {
    EXPECT_EQ(size_of("0"), 0u);
    EXPECT_EQ(size_of("512"), 512u);
    EXPECT_EQ(size_of("4k"), 4096u);
    EXPECT_EQ(size_of("1.5M"), 3u << 19);
    EXPECT_EQ(size_of("2G"), uint64_t{ 2 } << 30);
    EXPECT_EQ(size_of("1T"), uint64_t{ 1 } << 40);
    for (const char *bad : { "", "x", "-1", "1x", "1kk", "99999999999999999999", "17E" }) {
        uint64_t size;
        EXPECT_FALSE(parse_option_size("s", bad, &size, nullptr)) << bad;
    }
}

TEST(OptionValues, BoolsAreOneOfEightWords) {
    bool value = false;
    for (const char *on : { "on", "yes", "true", "y" }) {
        EXPECT_TRUE(parse_option_bool("b", on, &value, nullptr) && value) << on;
    }
    for (const char *off : { "off", "no", "false", "n" }) {
        EXPECT_TRUE(parse_option_bool("b", off, &value, nullptr) && !value) << off;
    }
    for (const char *bad : { "", "YES", "true ", "1", "ON" }) {
        EXPECT_FALSE(parse_option_bool("b", bad, &value, nullptr)) << bad;
    }
}

TEST(OptionValues, HelpIsAWordOrAMark) {
    EXPECT_TRUE(is_help_option("help"));
    EXPECT_TRUE(is_help_option("?"));
    EXPECT_FALSE(is_help_option("helpme"));
}

// --- files

struct ConfigFile : testing::Test {
    static inline QemuOptsList list = { .name = "unit-test" };
    std::string path = testing::TempDir() + "vl-config-" + std::to_string(getpid());

    static void SetUpTestSuite() { qemu_add_opts(&list); }
    void TearDown() override {
        list.head.clear();
        unlink(path.c_str());
    }
    std::string read(const std::string &content) {
        std::ofstream(path) << content;
        Error *err = nullptr;
        if (qemu_read_config_file(path, &err)) return "ok";
        std::string text = std::to_string(err->loc.line) + ": ";
        return text + text_of(err);
    }
};

TEST_F(ConfigFile, GroupsKeysAndComments) {
    EXPECT_EQ(read("# a comment\n\n[unit-test \"one\"]\n  key = \"value, with = signs\"\n"
                   "[unit-test]\na=\"\"\n"),
              "ok");
    ASSERT_EQ(list.head.size(), 2u);
    EXPECT_EQ(list.head[0]->id, "one");
    EXPECT_STREQ(qemu_opt_get(list.head[0].get(), "key"), "value, with = signs");
    EXPECT_STREQ(qemu_opt_get(list.head[1].get(), "a"), "");
}

TEST_F(ConfigFile, MistakesAreToldWithTheirLine) {
    EXPECT_EQ(read("key = \"value\"\n"), "1: no group defined");
    EXPECT_EQ(read("\n[nonsense]\n"), "2: There is no option group 'nonsense'");
    EXPECT_EQ(read("[unit-test]\nkey = value\n"), "2: parse error");
    EXPECT_EQ(read("[unit-test \"a\"]\n[unit-test \"a\"]\n"), "2: Duplicate ID 'a' for unit-test");
}

TEST_F(ConfigFile, WhatIsWrittenReadsTheSame) {
    QemuOpts *opts = qemu_opts_create(&list, "x", true, &error_abort);
    (void)qemu_opt_set(opts, "file", "a,b", &error_abort);
    ASSERT_TRUE(qemu_write_config_file(path, &error_abort));
    list.head.clear();
    ASSERT_TRUE(qemu_read_config_file(path, &error_abort));
    ASSERT_EQ(list.head.size(), 1u);
    EXPECT_EQ(list.head[0]->id, "x");
    EXPECT_STREQ(qemu_opt_get(list.head[0].get(), "file"), "a,b");
}

TEST_F(ConfigFile, AMissingFileIsAnError) {
    Error *err = nullptr;
    EXPECT_FALSE(qemu_read_config_file("/nonexistent/file", &err));
    EXPECT_NE(text_of(err).find("No such file or directory"), std::string::npos);
}
