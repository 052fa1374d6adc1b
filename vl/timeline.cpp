// SPDX-License-Identifier: MIT
/* -boot-timeline: a sink for trace events. See vl/timeline.h.
 *
 * The events of start-up are taken as they come. Of what the guest does, the first of each kind is
 * taken, a milestone; behind the last one nothing more is heard. The program's constructors ran
 * before anybody could look at a clock: their order is known, not their times. A library's run when
 * it is loaded, and are events like the others.
 * Format:  Trace Event Format, as chrome://tracing and Perfetto read it
 * In gdb:  b timeline::take     b timeline::write_file */
#include "vl/timeline.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/module.h"
#include "util/symbols.h"
#include "util/trace-events.h"
#include "vl/phase.h"
#include "vl/timeline_page.h"

namespace timeline {

using json = nlohmann::ordered_json;

static const char *const startup_events[] = {
    "phase",         "module_*",        "type_*",        "object_new", "device_set_realized",
    "bdrv_register", "bdrv_open*",      "bdrv_choose*",  "bdrv_probe", "error_setg",
    "qdev_reset",    "qemu_system*",    "runstate_set",  "load*",      "cpu_resume",
    "cpu_stop",      "riscv_cpu_reset", "register_dso*",
};

// What the guest does for the first time: an event, and the text one of its fields has then.
struct Milestone {
    const char *event;
    int field;        // -1: any
    const char *text; // what the field must be
    const char *name;
    bool reached = false;
};
static Milestone milestones[] = {
    { "cpu_exec", -1, nullptr, "first instruction" },
    { "riscv_mode", 2, "S", "first privilege change: supervisor mode" },
    { "riscv_mode", 2, "U", "first user-mode instruction" },
    { "register_write", 1, "RBR/THR", "first byte on the serial port" },
    { "ram_block_dirty", 0, "toy-fb.vram", "first pixel" },
    { "virtio_blk_handle_read", -1, nullptr, "first disk read" },
};

static std::string file_name;
static std::mutex lock; // guards what follows
static std::vector<json> records;
static std::set<const void *> loaded_later; // init functions that libraries brought

// --- taking

static const Milestone *reach_milestone(const TraceRecord &record) {
    for (Milestone &m : milestones) {
        if (m.reached || strcmp(m.event, record.event->name) != 0) continue;
        if (m.field >= 0 && strcmp(record.values[m.field].text, m.text) != 0) continue;
        m.reached = true;
        return &m;
    }
    return nullptr;
}

static bool is_milestone_event(const char *name) {
    for (const Milestone &m : milestones) {
        if (strcmp(m.event, name) == 0) return true;
    }
    return false;
}

// Nobody waits for the event any more: it costs nothing from here on.
static void forget_reached(const char *event) {
    for (const Milestone &m : milestones) {
        if (!m.reached && strcmp(m.event, event) == 0) return;
    }
    (void)trace_enable_events(event, false, TRACE_SINK_TIMELINE);
}

// What the bar is called: the event, and its first field if that is a word. In `args` the fields
// stand behind "event", and are valid UTF-8.
static std::string title(const TraceRecord &record, const json &args) {
    std::string name = record.event->name;
    if (!record.values.empty() && record.values[0].kind == TraceValue::Text) {
        name += " " + std::next(args.begin())->get<std::string>();
    }
    return name;
}

static void take(const TraceRecord &record) {
    std::lock_guard guard(lock);
    const Milestone *milestone = nullptr;
    if (is_milestone_event(record.event->name)) {
        milestone = reach_milestone(record);
        if (!milestone) return;
        forget_reached(record.event->name);
    }
    if (record.event == &trace_register_dso_module_init)
        loaded_later.insert(reinterpret_cast<const void *>(record.values[1].number));
    json args = json::parse(trace_format_json(record));
    std::string where = args["file"].get<std::string>() + ":" + std::to_string(record.where.line);
    for (const char *key : { "phase", "ns", "thread", "file", "line" }) args.erase(key);
    args["where"] = where;
    records.push_back({ { "name", milestone ? milestone->name : title(record, args) },
                        { "cat", milestone ? "milestone" : record.event->name },
                        { "ph", std::string(1, record.phase) },
                        { "ts", static_cast<double>(record.ns) / 1000 },
                        { "pid", 1 },
                        { "tid", record.thread },
                        { "args", std::move(args) } });
}

// --- writing

static json thread_name(int tid, const std::string &name) {
    return { { "name", "thread_name" },
             { "ph", "M" },
             { "pid", 1 },
             { "tid", tid },
             { "args", { { "name", name } } } };
}

static std::string place(const SourceLocation &where) {
    return trace_source_file(where.file) + (":" + std::to_string(where.line));
}

static const void *address_of(const ModuleEntry *e) {
    return reinterpret_cast<const void *>(e->init);
}

static std::vector<const ModuleEntry *> all_entries() {
    std::vector<const ModuleEntry *> all;
    for (const auto &list : init_type_list) {
        for (const ModuleEntry *e = list.first; e; e = e->next) all.push_back(e);
    }
    return all;
}

static constexpr int CONSTRUCTORS = -2; // a lane of its own

// Those before main, in the order of each list, a microsecond apart.
static void add_constructors(json *events) {
    std::vector<const ModuleEntry *> entries = all_entries();
    std::erase_if(entries, [](auto *e) { return loaded_later.contains(address_of(e)); });
    double ts = -static_cast<double>(entries.size());
    for (const ModuleEntry *e : entries) {
        events->push_back({ { "name", "do_qemu_init_" + function_name(address_of(e)) },
                            { "cat", "constructor" },
                            { "ph", "X" },
                            { "ts", ts++ },
                            { "dur", 1 },
                            { "pid", 1 },
                            { "tid", CONSTRUCTORS },
                            { "args",
                              { { "list", module_init_type_name(e->type) },
                                { "note", "the order is real, the time is not" },
                                { "where", place(e->where) } } } });
    }
}

// A phase lasts until the next one begins.
static void add_phases(json *events) {
    const json *open = nullptr;
    for (const json &record : records) {
        if (record["cat"] != "phase") continue;
        if (open) {
            json bar = *open;
            bar["ph"] = "X";
            bar["dur"] = record["ts"].get<double>() - bar["ts"].get<double>();
            events->push_back(bar);
        }
        open = &record;
    }
    if (!open) return;
    json last = *open;
    last["ph"] = "X";
    last["dur"] = records.back()["ts"].get<double>() - last["ts"].get<double>();
    events->push_back(last);
}

// A library's constructor: as those before main, but its time is real.
static void name_constructor(json *record, const void *function) {
    (*record)["name"] = "do_qemu_init_" + function_name(function);
    (*record)["cat"] = "constructor";
    for (const ModuleEntry *e : all_entries()) {
        if (address_of(e) == function) (*record)["args"]["where"] = place(e->where);
    }
}

// The functions that MODULE_INIT lists call have names in the program's symbol table only.
static void name_functions() {
    for (json &record : records) {
        bool is_constructor = record["cat"] == "register_dso_module_init";
        if (!is_constructor && record["cat"] != "module_init_function") continue;
        std::string text = record["args"]["function"];
        auto address = reinterpret_cast<const void *>(strtoull(text.c_str(), nullptr, 16));
        record["name"] = record["args"]["function"] = function_name(address);
        if (is_constructor) name_constructor(&record, address);
    }
}

static json chrome_trace() {
    json events = json::array();
    events.push_back(thread_name(CONSTRUCTORS, "before main: constructors"));
    events.push_back(thread_name(0, "main thread"));
    for (int cpu = 1; cpu <= 32; cpu++) {
        for (const json &record : records) {
            if (record["tid"] != cpu) continue;
            events.push_back(thread_name(cpu, "hart " + std::to_string(cpu - 1)));
            break;
        }
    }
    add_constructors(&events);
    add_phases(&events);
    name_functions();
    for (const json &record : records) {
        if (record["cat"] != "phase") events.push_back(record);
    }
    return { { "displayTimeUnit", "ns" }, { "traceEvents", std::move(events) } };
}

static std::string content() {
    json trace = chrome_trace();
    if (file_name.ends_with(".html")) return timeline_page(std::move(trace));
    if (file_name.ends_with(".svg")) return timeline_picture(trace);
    return trace.dump(1) + "\n";
}

static void write_file() {
    std::lock_guard guard(lock);
    trace_set_timeline(nullptr);
    std::string text = content();
    FILE *file = fopen(file_name.c_str(), "we");
    if (!file || fwrite(text.data(), 1, text.size(), file) != text.size() || fclose(file) != 0) {
        fprintf(stderr, "%s: could not write the timeline '%s': %s\n", error_progname(),
                file_name.c_str(), strerror(errno));
    }
}

} // namespace timeline

bool timeline_open(const std::string &file, Error **errp) {
    bool known = file.ends_with(".json") || file.ends_with(".html") || file.ends_with(".svg");
    if (!known) {
        error_setg(errp, "A timeline is a file called *.json, *.html or *.svg");
        return false;
    }
    FILE *probe = fopen(file.c_str(), "we");
    if (!probe) {
        error_setg(errp, "Could not open '%s': %s", file.c_str(), strerror(errno));
        return false;
    }
    fclose(probe);
    timeline::file_name = file;
    for (const char *pattern : timeline::startup_events) {
        (void)trace_enable_events(pattern, true, TRACE_SINK_TIMELINE);
    }
    for (const timeline::Milestone &m : timeline::milestones) {
        (void)trace_enable_events(m.event, true, TRACE_SINK_TIMELINE);
    }
    trace_set_timeline(timeline::take);
    atexit(timeline::write_file);
    return true;
}
