// SPDX-License-Identifier: MIT
/* What a debugger asks of the CPUs: breakpoints, watchpoints, single steps; and why a CPU stopped.
 *
 * All CPUs have the same breakpoints and watchpoints, by virtual address. They change under the big
 * lock and while every CPU is stopped, so engines read them without a lock. An engine that comes to
 * one says so with cpu_debug_stop() and leaves run(). */
#pragma once

#include <cstdint>
#include <string>

struct CPUState;

// In the order of gdb's packets Z0 to Z4. Software ones are breakpoints like the others: the
// guest's memory stays as it is.
enum class PointKind : uint8_t { Software, Hardware, Write, Read, Access };

struct DebugPoint {
    PointKind kind;
    uint64_t addr = 0;
    uint64_t len = 1; // of a watchpoint, in bytes

    bool operator==(const DebugPoint &) const = default;
    bool is_watchpoint() const { return kind >= PointKind::Write; }
};

// How a single step runs: QEMU's numbers.
enum SingleStep : unsigned {
    SSTEP_ENABLE = 1,
    SSTEP_NOIRQ = 2,   // without interrupts
    SSTEP_NOTIMER = 4, // the virtual clock stands still
    SSTEP_ALL = 7,
};

enum class DebugStop : uint8_t { None, Breakpoint, Step, Watchpoint };

// The debugger's part of a CPU. Its own thread changes the last three while it runs; all else
// changes under the big lock while it is stopped.
struct CPUDebug {
    bool held = false;        // stays stopped when the others are resumed
    unsigned single_step = 0; // SSTEP_*: it stops behind one instruction
    DebugStop stop = DebugStop::None;
    DebugPoint watchpoint{ PointKind::Access }; // that it came to
    uint64_t watch_addr = 0;                    // what was accessed there
    bool watch_pending = false; // the access has been held back: it is next, then the CPU stops
};

// --- the debugger's side
// One that is there already stays as it is. False: its range is empty or too long.
[[nodiscard]] bool cpu_debug_insert(const DebugPoint &point);
// False: it is not there.
[[nodiscard]] bool cpu_debug_remove(const DebugPoint &point);
void cpu_debug_remove_all();
// No CPU is held, steps or has a reason to have stopped.
void cpu_debug_release_all();
// The first one that stopped for the debugger, or nullptr.
CPUState *cpu_debug_stopped();
// A CPU steps without time.
bool cpu_debug_stops_time();

// --- the engine's side
bool cpu_has_breakpoints();
// The lowest breakpoint in [from, to), or `to`.
uint64_t cpu_next_breakpoint(uint64_t from, uint64_t to);
bool cpu_has_watchpoints();
// A watchpoint in [addr, addr + len), or nullptr.
const DebugPoint *cpu_watchpoint_in(uint64_t addr, uint64_t len, bool reads, bool writes);
// It leaves run() as soon as it can; its thread then stops it and tells the main loop.
void cpu_debug_stop(CPUState *cpu, DebugStop why);
