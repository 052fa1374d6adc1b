// SPDX-License-Identifier: MIT
/* How a timeline looks. See vl/timeline_page.h; the page itself is vl/timeline.html. */
#include "vl/timeline_page.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <vector>

#include <nlohmann/json.hpp>

#include "timeline_html.h"
#include "util/error.h"

using json = nlohmann::ordered_json;

// --- the page

// Of the checkout that this was built from, with a slash. Empty if the compiler got short names.
static std::string source_root() {
    return { __FILE__, sizeof(__FILE__) - sizeof("vl/timeline_page.cpp") };
}

static std::vector<std::string> read_lines(const std::string &file) {
    std::vector<std::string> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// The lines around each place that a bar names, so that the page shows them wherever it is read:
// { "vl/phase.cpp:61": { "first": 58, "lines": [...] } }. Without the source at hand, none.
static json excerpts(const json &trace, const std::string &root) {
    constexpr size_t around = 3;
    std::map<std::string, std::vector<std::string>> files;
    json found = json::object();
    for (const json &event : trace["traceEvents"]) {
        std::string where = event["args"].value("where", "");
        size_t colon = where.rfind(':');
        if (colon == std::string::npos || found.contains(where)) continue;
        std::string name = where.substr(0, colon);
        auto [file, is_new] = files.try_emplace(name);
        if (is_new) file->second = read_lines(root + name);
        const std::vector<std::string> &lines = file->second;
        size_t line = strtoul(where.c_str() + colon + 1, nullptr, 10);
        if (line == 0 || line > lines.size()) continue;
        size_t first = line > around ? line - around : 1,
               end = std::min(line + around, lines.size());
        found[where] = { { "first", first },
                         { "lines", json(std::vector<std::string>(lines.begin() + first - 1,
                                                                  lines.begin() + end)) } };
    }
    return found;
}

std::string timeline_page(json trace) {
    std::string root = source_root();
    trace["source"] = root;
    trace["excerpts"] = excerpts(trace, root);
    std::string data;
    for (char c : trace.dump(-1, ' ', false, json::error_handler_t::replace)) {
        // what the data says must not end the script it stands in
        if (c == '<')
            data += "\\u003c";
        else
            data += c;
    }
    std::string page = timeline_html;
    static const std::string mark = "/*TRACE*/";
    return page.replace(page.find(mark), mark.size(), data);
}

// --- the picture: a lane a thread, a row a depth

struct Bar {
    std::string name, category, where;
    double start, length; // microseconds
    int lane, depth;
};

static std::string xml(const std::string &text) {
    std::string out;
    for (char c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

static std::vector<Bar> bars_of(const json &trace) {
    std::vector<Bar> bars;
    std::map<int, std::vector<size_t>> open; // by lane: those that have begun
    int milestones = 0;
    for (const json &e : trace["traceEvents"]) {
        std::string phase = e["ph"];
        int lane = e["tid"];
        if (phase == "M") continue;
        if (phase == "E") {
            if (open[lane].empty()) continue;
            Bar &bar = bars[open[lane].back()];
            bar.length = e["ts"].get<double>() - bar.start;
            open[lane].pop_back();
            continue;
        }
        // phases are the ground that all else of the main thread stands on
        bool ground = e["cat"] == "phase" || lane < 0;
        int depth = ground ? 0 : static_cast<int>(open[lane].size()) + (lane == 0);
        if (e["cat"] == "milestone") depth = milestones++; // its words need a row of their own
        bars.push_back({ e["name"], e["cat"], e["args"].value("where", ""), e["ts"],
                         e.value("dur", 0.0), lane, depth });
        if (phase == "B") open[lane].push_back(bars.size() - 1);
    }
    return bars;
}

static const char *color(const Bar &bar) {
    if (bar.category == "milestone") return "#d62728";
    if (bar.category == "phase") return "#9ecae1";
    if (bar.category == "constructor") return "#c7c7c7";
    if (bar.category.starts_with("module")) return "#fdae6b";
    if (bar.category.starts_with("type")) return "#a1d99b";
    if (bar.category.starts_with("bdrv")) return "#bcbddc";
    return "#e7cb94";
}

// What the picture shows: all before the guest runs, and a little of the guest, which may run for
// hours. Milestones behind that stand at the right edge.
struct Window {
    double start = 0, end = 1;
    std::map<int, double> top; // of each lane
    double height = 0;
};

static constexpr double WIDTH = 1600, ROW = 16;

static Window window_of(std::vector<Bar> *bars) {
    Window w;
    for (const Bar &bar : *bars) {
        w.start = std::min(w.start, bar.start);
        if (bar.name == "phase run") w.end = bar.start + (bar.start - w.start) / 3;
    }
    std::erase_if(*bars,
                  [&](const Bar &b) { return b.start > w.end && b.category != "milestone"; });
    std::map<int, int> rows;
    for (Bar &bar : *bars) {
        bar.length = std::min(bar.length, std::max(w.end - bar.start, 0.0));
        rows[bar.lane] = std::max(rows[bar.lane], bar.depth + 1);
    }
    w.height = ROW;
    for (const auto &[lane, count] : rows) {
        w.top[lane] = w.height;
        w.height += (count + 1) * ROW;
    }
    return w;
}

static std::string picture_of(const Bar &bar, const Window &w) {
    double scale = WIDTH / (w.end - w.start);
    double x = std::min((bar.start - w.start) * scale, WIDTH - 4);
    double width = std::max(bar.length * scale, 1.0), y = w.top.at(bar.lane) + bar.depth * ROW;
    std::string svg = format_string("<g><title>%s\n%.1f us, at %.1f us\n%s</title>"
                                    "<rect x=\"%.2f\" y=\"%.0f\" width=\"%.2f\" height=\"%.0f\" "
                                    "fill=\"%s\"/>",
                                    xml(bar.name).c_str(), bar.length, bar.start,
                                    xml(bar.where).c_str(), x, y, width, ROW - 2, color(bar));
    std::string label = bar.name;
    if (bar.category == "milestone") label += format_string(", %.2f ms", bar.start / 1000);
    bool at_edge = x > WIDTH * 0.75;
    if (width > 7 * static_cast<double>(label.size()) || bar.category == "milestone") {
        svg += format_string("<text x=\"%.2f\" y=\"%.0f\"%s>%s</text>", at_edge ? x - 3 : x + 2,
                             y + 11, at_edge ? " text-anchor=\"end\"" : "", xml(label).c_str());
    }
    return svg + "</g>\n";
}

std::string timeline_picture(const json &trace) {
    std::vector<Bar> bars = bars_of(trace);
    Window w = window_of(&bars);
    std::string svg = format_string("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
                                    "height=\"%.0f\" font-family=\"monospace\" font-size=\"10\">\n",
                                    WIDTH, w.height);
    for (const Bar &bar : bars) svg += picture_of(bar, w);
    return svg + "</svg>\n";
}
