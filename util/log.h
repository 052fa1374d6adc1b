// SPDX-License-Identifier: MIT
/* The log: lines that -d chooses and -D sends to a file. A guest's mistakes are reported here. */
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

struct Error;

// The items of -d.
enum LogMask : uint32_t {
    LOG_GUEST_ERROR = 1 << 0, // the guest did what a data sheet forbids
    LOG_UNIMP = 1 << 1,       // the guest asked for something we do not have
    LOG_INT = 1 << 2,         // interrupts and exceptions
    LOG_CPU_RESET = 1 << 3,   // CPU state at reset
    LOG_EXEC = 1 << 4,        // a line before each block of instructions
    LOG_CPU = 1 << 5,         // the registers there
    LOG_MMU = 1 << 6,         // each walk of the page tables
    LOG_IN_ASM = 1 << 7,      // a block's instructions, when it is decoded
};

extern std::atomic<uint32_t> qemu_loglevel;
inline bool qemu_loglevel_mask(uint32_t mask) {
    return (qemu_loglevel.load(std::memory_order_relaxed) & mask) != 0;
}

// Lines ("...\n") if any item in `mask` is chosen. A flood of guest errors is the user's choice.
void qemu_log_mask(uint32_t mask, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void qemu_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// `-d items`: "a,b". 'help' and unknown items are the caller's: false and *errp.
[[nodiscard]] bool qemu_set_log(const std::string &items, Error **errp);
// `-D file`.
[[nodiscard]] bool qemu_set_log_filename(const std::string &file, Error **errp);
// `-dfilter ranges`: "first..last", "start+size" or "end-size" (which ends with `end`), comma
// between them.
[[nodiscard]] bool qemu_set_dfilter_ranges(const std::string &ranges, Error **errp);
// Is the code at that address to be logged? Without -dfilter all is. Asked by in_asm, exec and cpu.
bool qemu_log_in_addr_range(uint64_t addr);
// The words that `-d` knows.
std::vector<std::string> qemu_log_names();
// The same with what each is for; `command`: "-d", or the monitor's "log".
std::string qemu_log_help(const char *command);
