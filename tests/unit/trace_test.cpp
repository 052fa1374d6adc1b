// SPDX-License-Identifier: MIT
/* util/trace: rows, who chose which, and how a record is printed. */
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "util/trace.h"

static constinit TraceEvent<TraceText, int, unsigned> trace_test_one{ "test_one",
                                                                      "name number #flags" };
static constinit TraceEvent<TracePointer, bool> trace_test_two{ "test_two", "object on" };
static TraceEventRow *const rows[] = { &trace_test_one, &trace_test_two };

static std::vector<std::string> seen;

static void note(const TraceRecord &record) {
    seen.push_back(std::string(1, record.phase) + " " + trace_format_text(record));
}

struct Trace : testing::Test {
    static void SetUpTestSuite() { trace_event_register_group(rows); }
    void SetUp() override {
        seen.clear();
        trace_set_timeline(note);
    }
    void TearDown() override {
        trace_set_timeline(nullptr);
        trace_enable_events("test_*", false, TRACE_SINK_TIMELINE);
    }
};

TEST_F(Trace, NobodyHearsWhatNobodyChose) {
    trace_test_one("x", 1, 2);
    EXPECT_TRUE(seen.empty());
}

TEST_F(Trace, FieldsHaveNamesAndTheirTypesForm) {
    EXPECT_TRUE(trace_enable_events("test_*", true, TRACE_SINK_TIMELINE));
    trace_test_one("x", -1, 0x20);
    trace_test_two(nullptr, true);
    EXPECT_EQ(seen, (std::vector<std::string>{ "i test_one name x number -1 flags 0x20",
                                               "i test_two object 0x0 on true" }));
}

TEST_F(Trace, APatternChoosesAndUndoes) {
    trace_enable_events("test_*", true, TRACE_SINK_TIMELINE);
    EXPECT_TRUE(trace_enable_events("test_?ne", false, TRACE_SINK_TIMELINE));
    trace_test_one("x", 1, 2);
    trace_test_two(nullptr, false);
    EXPECT_EQ(seen, (std::vector<std::string>{ "i test_two object 0x0 on false" }));
    EXPECT_FALSE(trace_enable_events("nope", true, TRACE_SINK_TIMELINE));
}

static constinit TraceEvent<int> trace_test_late{ "test_late", "n" };

TEST_F(Trace, AnEventThatRegistersLaterWasChosenToo) {
    static TraceEventRow *const late[] = { &trace_test_late };
    trace_enable_events("test_l*", true, TRACE_SINK_TIMELINE);
    trace_event_register_group(late);
    trace_test_late(3);
    EXPECT_EQ(seen, std::vector<std::string>{ "i test_late n 3" });
}

TEST_F(Trace, ASpanBeginsAndEnds) {
    trace_enable_events("test_one", true, TRACE_SINK_TIMELINE);
    {
        TraceSpan span(trace_test_one, "x", 1, 2u);
        seen.push_back("inside");
    }
    EXPECT_EQ(seen, (std::vector<std::string>{ "B test_one name x number 1 flags 0x2", "inside",
                                               "E test_one name x number 1 flags 0x2" }));
}

static std::string json;
static void note_json(const TraceRecord &record) { json = trace_format_json(record); }

TEST_F(Trace, JsonSaysWhenAndWhere) {
    trace_enable_events("test_one", true, TRACE_SINK_TIMELINE);
    trace_set_timeline(note_json);
    trace_set_thread(2);
    trace_test_one("a\"b", 7, 255);
    trace_set_thread(-1);
    int line = __LINE__ - 2;
    size_t ns = json.find("\"ns\": ") + 6;
    json.erase(ns, json.find(',', ns) - ns);
    EXPECT_EQ(json, "{\"event\": \"test_one\", \"phase\": \"i\", \"ns\": , \"thread\": 2, "
                    "\"file\": \"tests/unit/trace_test.cpp\", \"line\": " +
                        std::to_string(line) +
                        ", \"name\": \"a\\\"b\", \"number\": 7, \"flags\": 255}");
}
