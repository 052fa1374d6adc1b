// SPDX-License-Identifier: MIT
/* util/error: birth, handing on, and the line that the user reads. */
#include <string>

#include <gtest/gtest.h>

#include "util/error.h"

static std::string reported(Error *err) {
    testing::internal::CaptureStderr();
    error_report_err(err);
    return testing::internal::GetCapturedStderr();
}

struct ErrorReport : testing::Test {
    void SetUp() override { error_set_progname("/usr/bin/vl"); }
};

TEST_F(ErrorReport, CarriesThePlaceWhereItWasBorn) {
    Error *err = nullptr;
    {
        LocationScope here({ .option = "-drive file=x", .file = {} });
        error_setg(&err, "Could not open '%s'", "x");
    }
    EXPECT_STREQ(error_get_pretty(err), "Could not open 'x'");
    EXPECT_EQ(reported(err), "vl: -drive file=x: Could not open 'x'\n");
}

TEST_F(ErrorReport, FilesHaveNoBlankBeforeThem) {
    LocationScope here({ .option = {}, .file = "a.cfg", .line = 3 });
    Error *err = nullptr;
    error_setg(&err, "no group defined");
    EXPECT_EQ(reported(err), "vl:a.cfg:3: no group defined\n");
}

TEST_F(ErrorReport, PrependAndHint) {
    Error *err = nullptr;
    error_setg(&err, "why");
    error_prepend(&err, "could not do %d: ", 7);
    error_append_hint(&err, "Try %s.\n", "this");
    EXPECT_EQ(reported(err), "vl: could not do 7: why\nTry this.\n");
}

TEST_F(ErrorReport, ScopesNest) {
    LocationScope outer({ .option = "-a", .file = {} });
    {
        LocationScope inner({ .option = "-b", .file = {} });
        EXPECT_EQ(loc_current().option, "-b");
    }
    EXPECT_EQ(loc_current().option, "-a");
}

TEST(Error, NobodyListens) {
    error_setg(nullptr, "ignored");
    error_prepend(nullptr, "ignored");
    error_propagate(nullptr, nullptr);
}

TEST(Error, PropagateKeepsTheFirst) {
    Error *first = nullptr, *second = nullptr;
    error_setg(&first, "first");
    error_setg(&second, "second");
    error_propagate(&first, second);
    EXPECT_STREQ(error_get_pretty(first), "first");
    error_free(first);
}

TEST(ErrorDeathTest, FatalExitsWithStatusOne) {
    EXPECT_EXIT(error_setg(&error_fatal, "the end"), testing::ExitedWithCode(1), "the end");
}

TEST(ErrorDeathTest, AbortNamesThePlace) {
    EXPECT_DEATH(error_setg(&error_abort, "ours"), "Unexpected error in .*error_test.cpp");
}

TEST_F(ErrorReport, AMonitorGetsItsCommandsErrors) {
    std::string seen;
    error_set_sink(
        [](void *opaque, const char *text) { *static_cast<std::string *>(opaque) += text; }, &seen);
    error_report("unknown command: '%s'", "x");
    error_set_sink(nullptr, nullptr);
    EXPECT_EQ(seen, "unknown command: 'x'\n") << "without the program's name";
}
