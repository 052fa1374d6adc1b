// SPDX-License-Identifier: MIT
/* Trace events: what happens inside, each kind a row with a name and the names of its fields.
 *
 *     inline constinit TraceEvent<TraceText, int> trace_raw_open{ "raw_open", "filename #flags" };
 *     ...
 *     trace_raw_open(filename, flags);
 *
 * A folder's rows stand in its trace.h; its trace.cpp registers them by trace_init. `-trace NAME`
 * sends the chosen ones to the log. One that nobody chose costs a test of a byte. A TraceSpan is an
 * event with a beginning and an end.
 *
 * In gdb: b trace_emit     p trace_raw_open */
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "util/source-location.h"

struct Error;

// What rows have for a string and for anything's address.
using TraceText = const char *;
using TracePointer = const void *;

// Who gets an event: the bits of TraceEventRow::enabled.
enum TraceSink : uint8_t {
    TRACE_SINK_LOG = 1 << 0,      // -trace
    TRACE_SINK_TIMELINE = 1 << 1, // -boot-timeline
};

struct TraceEventRow {
    const char *name;
    const char *fields; // names, separated by spaces; '#' in front: a number for hexadecimal
    std::atomic<uint8_t> enabled{ 0 };

    constexpr TraceEventRow(const char *name, const char *fields) : name(name), fields(fields) {}
    bool is_enabled() const { return enabled.load(std::memory_order_relaxed) != 0; }
};

// A field's value. Text must live until the event has been emitted.
struct TraceValue {
    enum Kind : uint8_t { Signed, Unsigned, Bool, Pointer, Text } kind;
    uint64_t number = 0;
    const char *text = nullptr;

    TraceValue(bool v) : kind(Bool), number(v) {}
    template <std::integral T>
    TraceValue(T v)
        : kind(std::is_signed_v<T> ? Signed : Unsigned), number(static_cast<uint64_t>(v)) {}
    TraceValue(const void *v) : kind(Pointer), number(reinterpret_cast<uintptr_t>(v)) {}
    TraceValue(const char *v) : kind(Text), text(v ? v : "(null)") {}
};

struct TraceRecord {
    enum Phase : char { Instant = 'i', Begin = 'B', End = 'E' } phase;
    const TraceEventRow *event;
    std::span<const TraceValue> values; // in order of the fields
    SourceLocation where;
    int64_t ns; // since the start of main()
    int thread; // 0: main, n + 1: the CPU with index n, -1: another one
};

// To every sink that chose the event.
void trace_emit(const TraceRecord &record);
// Fills in time and thread.
void trace_emit(TraceRecord::Phase phase, const TraceEventRow &event,
                std::span<const TraceValue> values, const SourceLocation &where);

template <typename... Args>
struct TraceEvent : TraceEventRow {
    using TraceEventRow::TraceEventRow;

    void operator()(Args... args, const SourceLocation &where = SourceLocation::current()) const {
        if (is_enabled()) [[unlikely]]
            emit(TraceRecord::Instant, where, args...);
    }
    [[gnu::noinline, gnu::cold]] void emit(TraceRecord::Phase phase, const SourceLocation &where,
                                           Args... args) const {
        const TraceValue values[] = { TraceValue(args)..., TraceValue(0) };
        trace_emit(phase, *this, { values, sizeof...(Args) }, where);
    }
};

// From here to the end of the scope.
template <typename... Args>
class [[nodiscard]] TraceSpan {
public:
    TraceSpan(const TraceEvent<Args...> &event, Args... args,
              const SourceLocation &where = SourceLocation::current())
        : event_(event), where_(where), args_(args...) {
        emit(TraceRecord::Begin);
    }
    ~TraceSpan() { emit(TraceRecord::End); }
    TraceSpan(const TraceSpan &) = delete;
    TraceSpan &operator=(const TraceSpan &) = delete;

private:
    void emit(TraceRecord::Phase phase) const {
        if (!event_.is_enabled()) [[likely]]
            return;
        std::apply([&](const Args &...args) { event_.emit(phase, where_, args...); }, args_);
    }
    const TraceEvent<Args...> &event_;
    SourceLocation where_;
    std::tuple<Args...> args_;
};

template <typename... Args, typename... Values>
TraceSpan(const TraceEvent<Args...> &, Values...) -> TraceSpan<Args...>;

// --- registration, by trace_init functions
void trace_event_register_group(std::span<TraceEventRow *const> rows);
// All of them, in order of registration.
std::span<TraceEventRow *const> trace_event_list();
// `*` stands for any text, `?` for any letter.
bool trace_pattern_matches(const char *pattern, const char *name);

// --- choosing
// Events that match, registered now or later. False: none is there yet.
bool trace_enable_events(const std::string &pattern, bool enable, TraceSink sink);
// Into the log: `PATTERN`, or `-PATTERN` to switch off. Warns of a name that no event has.
void trace_choose(const std::string &text);
// -trace [[enable=]PATTERN][,events=FILE][,file=FILE][,format=log|json]; "-NAME" switches off.
[[nodiscard]] bool trace_opt_parse(const std::string &arg, Error **errp);
// Those that match. A pattern may match none, a name may not: "unknown event \"x\"". `of_vcpu`: of
// one CPU alone, as no event of ours is: "event \"x\" is not vCPU-specific".
std::vector<const TraceEventRow *> trace_event_find(const std::string &pattern, bool of_vcpu,
                                                    Error **errp);
std::string trace_event_names(); // a line each, for `-trace help`

// --- printing
// "name field value ..." without a line's end.
std::string trace_format_text(const TraceRecord &record);
// One JSON object.
std::string trace_format_json(const TraceRecord &record);

// A __FILE__ of ours from the root of the source on: "util/trace.cpp".
const char *trace_source_file(const char *file);

// The timeline's end of the events.
void trace_set_timeline(void (*sink)(const TraceRecord &record));
// Time 0 of all records is now; the caller is the main thread.
void trace_start_clock();
// What records of this thread carry.
void trace_set_thread(int number);
