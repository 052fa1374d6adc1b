// SPDX-License-Identifier: MIT
/* keyval: "driver=raw,file.driver=file" as a tree. See util/keyval.h.
 *
 * Missing: help
 * In gdb:  b keyval_parse */
#include "util/keyval.h"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "util/option.h"
#include "util/split.h"

using nlohmann::json;

// A tree is walked by recursion.
static constexpr size_t MAX_DEPTH = 1024;

static bool is_number(const std::string &name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return isdigit(c); });
}

// A letter, then letters, digits, '-' and '_'; or, of a list's member, a number.
static bool is_fragment(const std::string &name, bool is_first) {
    if (!is_first && is_number(name)) return true;
    if (name.empty() || !isalpha(static_cast<unsigned char>(name[0]))) return false;
    return std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return isalnum(c) || c == '-' || c == '_'; });
}

// The fragments of "file.driver"; none: it is no key.
static std::vector<std::string> split_key(const std::string &key) {
    std::vector<std::string> fragments = split(key, '.');
    for (size_t i = 0; i < fragments.size(); i++) {
        if (!is_fragment(fragments[i], i == 0)) return {};
    }
    return fragments.size() > MAX_DEPTH ? std::vector<std::string>{} : fragments;
}

static bool fail_inconsistent(const std::string &path, Error **errp) {
    error_setg(errp, "Parameters '%s.*' used inconsistently", path.c_str());
    return false;
}

// Puts the text where the key says. What has members is no text, and the other way round.
static bool put(json *root, const std::string &key, const std::string &text, Error **errp) {
    std::vector<std::string> fragments = split_key(key);
    if (fragments.empty()) {
        error_setg(errp, "Invalid parameter '%s'", key.c_str());
        return false;
    }
    json *at = root;
    std::string path;
    for (const std::string &fragment : fragments) {
        if (at->is_string()) return fail_inconsistent(path, errp);
        at = &(*at)[fragment]; // a new one is null, and an object from here on
        path += (path.empty() ? "" : ".") + fragment;
    }
    if (at->is_object()) return fail_inconsistent(path, errp);
    *at = text;
    return true;
}

static bool listify(json *value, const std::string &path, Error **errp);

// The members of `object` in the order of their numbers, which are 0, 1, ...
static bool make_list(json *object, const std::string &path, Error **errp) {
    json list = json::array();
    for (size_t i = 0; i < object->size(); i++) {
        auto it = object->find(std::to_string(i));
        if (it == object->end()) {
            error_setg(errp, "Parameter '%s.%zu' missing", path.c_str(), i);
            return false;
        }
        list.push_back(std::move(*it));
    }
    *object = std::move(list);
    return true;
}

// Makes lists of the objects whose members are numbers.
static bool listify(json *value, const std::string &path, Error **errp) {
    if (!value->is_object()) return true;
    size_t numbers = 0;
    for (auto &[name, member] : value->items()) {
        numbers += is_number(name);
        if (!listify(&member, path.empty() ? name : path + "." + name, errp)) return false;
    }
    if (numbers == 0) return true;
    return numbers < value->size() ? fail_inconsistent(path, errp) : make_list(value, path, errp);
}

bool keyval_parse(const std::string &params, const char *implied_key, json *ret, Error **errp) {
    *ret = json::object();
    for (size_t pos = 0; pos < params.size();) {
        bool is_first = pos == 0;
        std::string token = opts_next_token(params, &pos);
        size_t equals = token.find('=');
        if (equals != std::string::npos) {
            if (!put(ret, token.substr(0, equals), token.substr(equals + 1), errp)) return false;
        } else if (is_help_option(token)) {
            error_setg(errp, "Help is not available for this option");
            return false;
        } else if (is_first && implied_key && !token.empty()) {
            (*ret)[implied_key] = token;
        } else {
            error_setg(errp,
                       token.empty() ? "Invalid parameter '%s'"
                                     : "Expected '=' after parameter '%s'",
                       token.c_str());
            return false;
        }
    }
    return listify(ret, "", errp);
}
