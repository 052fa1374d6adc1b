// SPDX-License-Identifier: MIT
/* Completion of commands and their arguments. See vl/hmp-complete.h.
 *
 * Which argument it is, the command's row says; what there is of its type, a row here.
 * Missing: words in quotes; values of properties
 * In gdb:  b hmp_complete */
#include "vl/hmp-complete.h"

#include <algorithm>
#include <utility>

#include <dirent.h>
#include <sys/stat.h>

#include "block/qapi.h"
#include "hw/core/qdev.h"
#include "qom/object_interfaces.h"
#include "util/log.h"
#include "util/split.h"
#include "util/trace.h"
#include "vl/hmp-args.h"
#include "vl/monitor.h"

namespace hmp_complete_word {

struct Completion {
    std::string word;                // so far
    std::vector<std::string> before; // the arguments in front of it
    std::vector<std::string> found;

    void add(const std::string &name) {
        if (name.starts_with(word)) found.push_back(name);
    }
};

// --- what there is, by the argument's type

static void add_commands(Completion &c, const std::string &prefix) {
    for (const HMPCommand *row : monitor_hmp_commands()) {
        std::string names = row->name;
        if (names.starts_with("info ") != !prefix.empty()) continue;
        for (const std::string &name : split(names.substr(prefix.size()), '|')) c.add(name);
    }
}

static void add_helped(Completion &c) {
    if (c.before.empty()) return add_commands(c, "");
    if (c.before[0] == "info" && c.before.size() == 1) add_commands(c, "info ");
}

static void add_files(Completion &c) {
    std::string folder = c.word.substr(0, c.word.rfind('/') + 1);
    DIR *dir = opendir(folder.empty() ? "." : folder.c_str());
    if (!dir) return;
    while (const dirent *entry = readdir(dir)) {
        std::string path = folder + entry->d_name;
        bool is_hidden = entry->d_name[0] == '.';
        if (!path.starts_with(c.word) || (is_hidden && path.size() - folder.size() <= 2)) continue;
        struct stat st;
        if (stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) path += '/';
        c.add(path);
    }
    closedir(dir);
}

static void add_drives(Completion &c) {
    for (BlockBackend *blk = blk_next(nullptr); blk; blk = blk_next(blk)) c.add(blk_name(blk));
}

// The name of a drive; of one without, as a device has of -blockdev, its node's.
static void add_drives_and_nodes(Completion &c) {
    for (const BlockInfo &info : qmp_query_block())
        c.add(info.device.empty() ? info.inserted->node_name : info.device);
}

static void add_children(Completion &c, const char *path) {
    const Object *parent = object_resolve_path(path);
    if (!parent) return;
    for (const ObjectProperty &prop : parent->properties) {
        if (prop.child) c.add(prop.name);
    }
}
// Those that the user has named.
static void add_devices(Completion &c) { add_children(c, "/machine/peripheral"); }
static void add_user_objects(Completion &c) { add_children(c, "/objects"); }

// "rng-random,fi" -> "rng-random,filename="
static void add_options_of_type(Completion &c) {
    std::string front = c.word.substr(0, c.word.rfind(',') + 1);
    const ObjectClass *klass = object_class_by_name(c.word.substr(0, c.word.find(',')).c_str());
    if (!klass) return;
    c.add(front + "id=");
    if (object_class_is_a(klass, TYPE_DEVICE)) c.add(front + "bus=");
    for (const ObjectProperty *prop : object_class_properties(klass)) {
        if (prop->set && prop->name != "realized") c.add(front + prop->name + "=");
    }
}

static bool is_behind_comma(const Completion &c) { return c.word.find(',') != std::string::npos; }

static void add_user_types(Completion &c) {
    if (is_behind_comma(c)) return add_options_of_type(c);
    for (ObjectClass *klass : object_class_get_list(TYPE_USER_CREATABLE, false))
        c.add(object_class_get_name(klass));
}

static void add_device_types(Completion &c) {
    if (is_behind_comma(c)) return add_options_of_type(c);
    for (ObjectClass *klass : object_class_get_list(TYPE_DEVICE, false)) {
        if (object_class_cast<DeviceClass>(klass)->user_creatable)
            c.add(object_class_get_name(klass));
    }
}

static bool has_children(const Object *obj) {
    return std::any_of(obj->properties.begin(), obj->properties.end(),
                       [](const ObjectProperty &prop) { return prop.child; });
}

// "/machine/per" -> "/machine/peripheral/"
static void add_objects(Completion &c) {
    std::string folder = c.word.substr(0, c.word.rfind('/') + 1);
    if (folder.empty()) return c.add("/");
    const Object *parent = object_resolve_path(folder.c_str());
    if (!parent) return;
    for (const ObjectProperty &prop : parent->properties) {
        if (prop.child) c.add(folder + prop.name + (has_children(prop.child) ? "/" : ""));
    }
}

static void add_properties(Completion &c) {
    const Object *obj = c.before.empty() ? nullptr : object_resolve_path(c.before[0].c_str());
    if (!obj) return;
    for (const ObjectProperty *prop : object_properties(obj)) c.add(prop->name);
}

static void add_trace_events(Completion &c) {
    for (const TraceEventRow *row : trace_event_list()) c.add(row->name);
}

static void add_log_items(Completion &c) {
    std::string front = c.word.substr(0, c.word.rfind(',') + 1);
    for (const std::string &name : qemu_log_names()) c.add(front + name);
    if (!c.word.starts_with(front + "trace:")) return;
    for (const TraceEventRow *row : trace_event_list()) c.add(front + "trace:" + row->name);
}

static void add_on_off(Completion &c) {
    for (const char *name : { "off", "on" }) c.add(name);
}

static constexpr struct {
    char type; // as in vl/hmp-args.h
    void (*add)(Completion &c);
} sources[] = {
    { 'F', add_files },        { 'B', add_drives },
    { 'D', add_devices },      { 'O', add_device_types },
    { 'P', add_objects },      { 'p', add_properties },
    { 'U', add_user_types },   { 'N', add_user_objects },
    { 'E', add_trace_events }, { 'G', add_drives_and_nodes },
    { 'L', add_log_items },    { 'H', add_helped },
    { 'b', add_on_off },
};

static void add_of_type(Completion &c, const std::string &type) {
    for (const auto &row : sources) {
        if (type[0] == row.type) row.add(c);
    }
}

// --- which argument it is

static bool takes_rest(const HMPArgSpec &spec) { return spec.type == "H"; }

static void add_argument(Completion &c, const HMPCommand &row) {
    std::vector<HMPArgSpec> by_place;
    bool has_format = false;
    for (const HMPArgSpec &spec : hmp_read_spec(row.spec)) {
        if (spec.type[0] == '-' && c.word.starts_with('-')) c.add(spec.type);
        has_format |= spec.type[0] == '/';
        if (spec.type[0] != '-' && spec.type[0] != '/') by_place.push_back(spec);
    }
    if (has_format && !c.before.empty() && c.before[0][0] == '/') c.before.erase(c.before.begin());
    std::erase_if(c.before, [](auto &word) { return word[0] == '-'; });
    if (c.before.size() < by_place.size())
        add_of_type(c, by_place[c.before.size()].type);
    else if (!by_place.empty() && takes_rest(by_place.back()))
        add_of_type(c, by_place.back().type);
}

static std::vector<std::string> words_of(const std::string &line) {
    std::vector<std::string> words;
    std::string word;
    for (char ch : line) {
        bool is_blank = ch == ' ' || ch == '\t';
        if (!is_blank) word += ch;
        if (is_blank && !word.empty()) words.push_back(std::exchange(word, ""));
    }
    words.push_back(word);
    return words;
}

static void complete(Completion &c) {
    if (c.before.empty()) return add_commands(c, "");
    std::string name = c.before[0].substr(0, c.before[0].find('/'));
    size_t taken = 1;
    if (name == "info") {
        if (c.before.size() == 1) return add_commands(c, "info ");
        name += " " + c.before[1];
        taken = 2;
    }
    const HMPCommand *row = monitor_find_hmp(name);
    c.before.erase(c.before.begin(), c.before.begin() + static_cast<std::ptrdiff_t>(taken));
    if (row) add_argument(c, *row);
}

} // namespace hmp_complete_word

[[gnu::noinline]] std::vector<std::string> hmp_complete(const std::string &line) {
    hmp_complete_word::Completion c;
    c.before = hmp_complete_word::words_of(line);
    c.word = c.before.back();
    c.before.pop_back();
    complete(c);
    std::sort(c.found.begin(), c.found.end());
    c.found.erase(std::unique(c.found.begin(), c.found.end()), c.found.end());
    return c.found;
}
