// SPDX-License-Identifier: MIT
/* What the parts of the gdb stub share. All under the big lock, and while the machine stands still:
 * any packet stops it first. */
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hw/core/cpu.h"
#include "util/chardev.h"
#include "vl/gdbstub-packet.h"

namespace gdbstub {

struct GDBState {
    Chardev *chr = nullptr;   // null: nobody may come
    bool owns_chr = false;    // made for us, not named by chardev:ID
    bool attached = false;    // gdb is there
    bool no_ack = false;      // QStartNoAckMode
    bool awaits_stop = false; // gdb has let the machine run and waits for word
    bool phys_mem = false;    // Qqemu.PhyMemMode
    unsigned sstep_flags = SSTEP_ALL;
    CPUState *c_cpu = nullptr; // that `s` steps
    CPUState *g_cpu = nullptr; // whose registers and memory packets mean
    PacketReader reader;
    std::string last_packet; // for a '-'; empty: it has been received
};

// nullopt: nothing now, the machine runs. An empty one: no such packet.
using Reply = std::optional<std::string>;

// A kind of packet: its name and what may come behind it.
struct PacketRow {
    enum Rest { Nothing, Anything, Colon, Semicolon }; // Colon: nothing, or ":..."
    const char *name;
    Rest rest;
    Reply (*handle)(GDBState &s, std::string_view args); // args: without the colon
};
std::span<const PacketRow> command_rows(); // gdbstub-commands.cpp
std::span<const PacketRow> resume_rows();  // gdbstub-resume.cpp
std::span<const PacketRow> query_rows();   // gdbstub-query.cpp

// QEMU's numbers: 14 is EFAULT, 22 EINVAL.
inline constexpr char OK[] = "OK", E14[] = "E14", E22[] = "E22";

void put_packet(GDBState &s, std::string_view body);
// "T05thread:01;": the CPU that stopped, and why.
std::string stop_reply(GDBState &s, int signal);
// Takes "1" (hexadecimal), "0" (any) or "-1" (all); false: none of these.
bool take_thread(std::string_view *text, int64_t *id);
// The CPU of a thread, or nullptr. 0 and -1: the first.
CPUState *cpu_of_thread(int64_t id);
inline int thread_of(const CPUState *cpu) { return cpu->cpu_index + 1; }
// No breakpoint is left, no CPU held.
void forget_debugging(GDBState &s);

} // namespace gdbstub
