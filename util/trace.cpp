// SPDX-License-Identifier: MIT
/* Trace events: the register of rows, who chose which, and how a record is printed.
 * See util/trace.h. The option is in util/trace-control.cpp.
 *
 * In gdb: b trace_emit */
#include "util/trace.h"

#include <cstring>
#include <vector>

#include <fnmatch.h>

#include "util/error.h"
#include "util/json.h"
#include "util/timer.h"

// What was asked for so far: events of a library that is loaded later are told too.
struct TraceChoice {
    std::string pattern;
    bool enable;
    TraceSink sink;
};

static std::vector<TraceEventRow *> events;
static std::vector<TraceChoice> choices;
static void (*timeline_sink)(const TraceRecord &record);
static int64_t clock_start;
static thread_local int thread_number = -1;

// --- the register

static void apply_choice(TraceEventRow *row, const TraceChoice &choice) {
    if (!trace_pattern_matches(choice.pattern.c_str(), row->name)) return;
    if (choice.enable)
        row->enabled |= choice.sink;
    else
        row->enabled &= static_cast<uint8_t>(~choice.sink);
}

void trace_event_register_group(std::span<TraceEventRow *const> rows) {
    for (TraceEventRow *row : rows) {
        events.push_back(row);
        for (const TraceChoice &choice : choices) apply_choice(row, choice);
    }
}

std::span<TraceEventRow *const> trace_event_list() { return events; }

bool trace_pattern_matches(const char *pattern, const char *name) {
    return fnmatch(pattern, name, 0) == 0;
}

bool trace_enable_events(const std::string &pattern, bool enable, TraceSink sink) {
    bool found = false;
    choices.push_back({ pattern, enable, sink });
    for (TraceEventRow *row : events) {
        apply_choice(row, choices.back());
        found |= trace_pattern_matches(pattern.c_str(), row->name);
    }
    return found;
}

std::string trace_event_names() {
    std::string text;
    for (const TraceEventRow *row : events) text += std::string(row->name) + "\n";
    return text;
}

// --- records

void trace_set_timeline(void (*sink)(const TraceRecord &record)) { timeline_sink = sink; }
void trace_set_thread(int number) { thread_number = number; }
void trace_start_clock() {
    clock_start = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    trace_set_thread(0);
}

void trace_emit_log(const TraceRecord &record); // util/trace-control.cpp

void trace_emit(const TraceRecord &record) {
    uint8_t enabled = record.event->enabled.load(std::memory_order_relaxed);
    if (enabled & TRACE_SINK_LOG) trace_emit_log(record);
    if ((enabled & TRACE_SINK_TIMELINE) && timeline_sink) timeline_sink(record);
}

void trace_emit(TraceRecord::Phase phase, const TraceEventRow &event,
                std::span<const TraceValue> values, const SourceLocation &where) {
    int64_t ns = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) - clock_start;
    trace_emit({ phase, &event, values, where, ns, thread_number });
}

// --- printing

struct TraceField {
    std::string name;
    bool hex;
};

static TraceField next_field(const char **fields) {
    const char *start = *fields;
    size_t length = strcspn(start, " ");
    *fields = start + length + (start[length] == ' ');
    bool hex = *start == '#';
    return { std::string(start + hex, length - hex), hex };
}

static std::string format_number(const TraceValue &value, bool hex) {
    auto number = static_cast<unsigned long long>(value.number);
    if (hex || value.kind == TraceValue::Pointer) return format_string("0x%llx", number);
    if (value.kind == TraceValue::Bool) return number ? "true" : "false";
    if (value.kind == TraceValue::Signed)
        return format_string("%lld", static_cast<long long>(value.number));
    return format_string("%llu", number);
}

std::string trace_format_text(const TraceRecord &record) {
    std::string text = record.event->name;
    const char *fields = record.event->fields;
    for (const TraceValue &value : record.values) {
        TraceField field = next_field(&fields);
        text += " " + field.name + " ";
        text += value.kind == TraceValue::Text ? value.text : format_number(value, field.hex);
    }
    return text;
}

const char *trace_source_file(const char *file) {
    constexpr size_t root = sizeof(__FILE__) - sizeof("util/trace.cpp");
    return strlen(file) > root && strncmp(file, __FILE__, root) == 0 ? file + root : file;
}

std::string trace_format_json(const TraceRecord &record) {
    std::string text = "{\"event\": " + json_string(record.event->name);
    text +=
        format_string(", \"phase\": \"%c\", \"ns\": %lld, \"thread\": %d, \"file\": ", record.phase,
                      static_cast<long long>(record.ns), record.thread);
    text += json_string(trace_source_file(record.where.file));
    text += format_string(", \"line\": %u", record.where.line);
    const char *fields = record.event->fields;
    for (const TraceValue &value : record.values) {
        TraceField field = next_field(&fields);
        text += ", " + json_string(field.name) + ": ";
        bool bare = value.kind != TraceValue::Text && value.kind != TraceValue::Pointer;
        text += bare                             ? format_number(value, false)
                : value.kind == TraceValue::Text ? json_string(value.text)
                                                 : json_string(format_number(value, true));
    }
    return text + "}";
}
