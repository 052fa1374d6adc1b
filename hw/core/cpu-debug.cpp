// SPDX-License-Identifier: MIT
/* Breakpoints and watchpoints. See hw/core/cpu-debug.h.
 *
 * In gdb: b cpu_debug_stop */
#include "hw/core/cpu-debug.h"

#include <algorithm>
#include <vector>

#include "hw/core/cpu.h"

static std::vector<uint64_t> breakpoints;   // sorted, each address once
static std::vector<DebugPoint> points;      // as they were asked for
static std::vector<DebugPoint> watchpoints; // those of `points` that are

// --- the debugger's side

static void points_changed() {
    breakpoints.clear();
    watchpoints.clear();
    for (const DebugPoint &p : points) {
        if (p.is_watchpoint())
            watchpoints.push_back(p);
        else
            breakpoints.push_back(p.addr);
    }
    std::sort(breakpoints.begin(), breakpoints.end());
    breakpoints.erase(std::unique(breakpoints.begin(), breakpoints.end()), breakpoints.end());
    for (CPUState *cpu : cpu_list()) cpu->flush_translations();
}

bool cpu_debug_insert(const DebugPoint &point) {
    if (point.len == 0 || point.addr + (point.len - 1) < point.addr) return false;
    if (std::find(points.begin(), points.end(), point) != points.end()) return true;
    points.push_back(point);
    points_changed();
    return true;
}

bool cpu_debug_remove(const DebugPoint &point) {
    if (std::erase(points, point) == 0) return false;
    points_changed();
    return true;
}

void cpu_debug_remove_all() {
    points.clear();
    points_changed();
}

void cpu_debug_release_all() {
    for (CPUState *cpu : cpu_list()) {
        cpu->debug.held = false;
        cpu->debug.single_step = 0;
        cpu->debug.stop = DebugStop::None;
    }
}

CPUState *cpu_debug_stopped() {
    for (CPUState *cpu : cpu_list()) {
        if (cpu->debug.stop != DebugStop::None) return cpu;
    }
    return nullptr;
}

bool cpu_debug_stops_time() {
    return std::any_of(cpu_list().begin(), cpu_list().end(), [](const CPUState *cpu) {
        return (cpu->debug.single_step & SSTEP_NOTIMER) != 0;
    });
}

// --- the engine's side

bool cpu_has_breakpoints() { return !breakpoints.empty(); }
bool cpu_has_watchpoints() { return !watchpoints.empty(); }

uint64_t cpu_next_breakpoint(uint64_t from, uint64_t to) {
    auto it = std::lower_bound(breakpoints.begin(), breakpoints.end(), from);
    return it != breakpoints.end() && *it < to ? *it : to;
}

static bool watches(const DebugPoint &p, bool reads, bool writes) {
    return (reads && p.kind != PointKind::Write) || (writes && p.kind != PointKind::Read);
}

const DebugPoint *cpu_watchpoint_in(uint64_t addr, uint64_t len, bool reads, bool writes) {
    for (const DebugPoint &p : watchpoints) {
        bool apart = addr + (len - 1) < p.addr || addr > p.addr + (p.len - 1);
        if (!apart && watches(p, reads, writes)) return &p;
    }
    return nullptr;
}

void cpu_debug_stop(CPUState *cpu, DebugStop why) {
    cpu->debug.stop = why;
    cpu->exit_request = true;
}
