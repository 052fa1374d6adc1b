// SPDX-License-Identifier: MIT
/* Configuration files: `[group "id"]` headers and `key = "value"` lines, `#` comments.
 *
 * In gdb: b qemu_read_config_file */
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include <sys/stat.h>

#include "util/option.h"

static std::string trim(const std::string &s) {
    size_t first = s.find_first_not_of(" \t\r");
    if (first == std::string::npos) return {};
    return s.substr(first, s.find_last_not_of(" \t\r") - first + 1);
}

// `[group]` or `[group "id"]`.
static bool parse_header(const std::string &line, std::string *group, std::string *id) {
    if (line.front() != '[' || line.back() != ']') return false;
    std::string inside = trim(line.substr(1, line.size() - 2));
    size_t quote = inside.find('"');
    *group = trim(inside.substr(0, quote));
    id->clear();
    if (quote != std::string::npos) {
        if (inside.size() < quote + 2 || inside.back() != '"') return false;
        *id = inside.substr(quote + 1, inside.size() - quote - 2);
    }
    return !group->empty() && group->find_first_of(" \t") == std::string::npos;
}

// `key = "value"`.
static bool parse_assignment(const std::string &line, std::string *key, std::string *value) {
    size_t equals = line.find('=');
    if (equals == std::string::npos) return false;
    *key = trim(line.substr(0, equals));
    std::string text = trim(line.substr(equals + 1));
    if (key->empty() || text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
    *value = text.substr(1, text.size() - 2);
    return true;
}

static bool parse_line(const std::string &line, const std::vector<QemuOptsList *> &lists,
                       QemuOpts **opts, Error **errp) {
    std::string group, id, key, value;
    if (parse_header(line, &group, &id)) {
        QemuOptsList *list = find_list(lists, group.c_str(), errp);
        *opts = list ? qemu_opts_create(list, id, true, errp) : nullptr;
        return *opts != nullptr;
    }
    if (parse_assignment(line, &key, &value)) {
        if (!*opts) {
            error_setg(errp, "no group defined");
            return false;
        }
        return qemu_opt_set(*opts, key, value, errp);
    }
    error_setg(errp, "parse error");
    return false;
}

bool qemu_config_parse(std::istream &in, const std::string &name,
                       const std::vector<QemuOptsList *> &lists, Error **errp) {
    QemuOpts *opts = nullptr;
    std::string line;
    for (int number = 1; std::getline(in, line); number++) {
        line = trim(line);
        if (line.empty() || line[0] == '#') continue;
        LocationScope here({ .option = {}, .file = name, .line = number });
        if (!parse_line(line, lists, &opts, errp)) return false;
    }
    return true;
}

bool qemu_read_config_file(const std::string &file, Error **errp) {
    struct stat st;
    std::ifstream in(file);
    if (!in) {
        error_setg(errp, "Could not open '%s': %s", file.c_str(), strerror(errno));
        return false;
    }
    if (stat(file.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) {
        error_setg(errp, "Cannot read config file: %s", strerror(EISDIR));
        return false;
    }
    return qemu_config_parse(in, file, qemu_opts_groups(), errp);
}

static void write_opts(std::ostream &out, const QemuOpts &opts) {
    out << "[" << opts.list->name;
    if (!opts.id.empty()) out << " \"" << opts.id << "\"";
    out << "]\n";
    for (const QemuOpt &opt : opts.opts) {
        out << "  " << opt.name << " = \"" << opt.value << "\"\n";
    }
    out << "\n";
}

bool qemu_write_config_file(const std::string &file, Error **errp) {
    std::ostringstream text;
    text << "# vl config file\n\n";
    for (const QemuOptsList *list : qemu_opts_groups()) {
        for (const auto &opts : list->head) write_opts(text, *opts);
    }
    if (file == "-") {
        std::cout << text.str() << std::flush;
        return true;
    }
    std::ofstream out(file);
    out << text.str() << std::flush;
    if (!out) {
        error_setg(errp, "Cannot write config file %s: %s", file.c_str(), strerror(errno));
        return false;
    }
    return true;
}
