// SPDX-License-Identifier: MIT
/* -icount: time as a count of instructions. See hw/core/icount.h.
 *
 * The virtual clock is a manual one (util/timer.h) that the CPU thread advances behind each turn.
 * Between two such steps an instruction that asks finds it ahead by those that ran before it in its
 * turn. A timer that becomes the next one ends the turn.
 *
 * In gdb: b icount_account */
#include "hw/core/icount.h"

#include <algorithm>
#include <cstring>

#include "hw/core/cpu.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/module.h"
#include "util/option.h"
#include "util/timer.h"

namespace icount {

static constexpr uint64_t MAX_SHIFT = 10; // about a microsecond an instruction, as in QEMU

static bool enabled = false;
static bool sleeps = true;
static uint64_t shift = 0;

static int64_t time_of(uint64_t instructions) {
    return static_cast<int64_t>(instructions << shift);
}

static int64_t ahead() {
    CPUState *cpu = current_cpu();
    return cpu ? time_of(cpu->accel->executed(cpu)) : 0;
}

static void deadline_changed() {
    if (CPUState *cpu = current_cpu())
        cpu->exit_request = true;
    else if (!cpu_list().empty())
        cpu_kick(cpu_list()[0]);
}

static constexpr ManualClockDriver driver = { ahead, deadline_changed };

static QemuOptsList icount_opts = { .name = "icount",
                                    .implied_opt_name = "shift",
                                    .merge_lists = true,
                                    .desc = { { "shift" }, { "sleep", QEMU_OPT_BOOL } } };

static void register_opts() { qemu_add_opts(&icount_opts); }
opts_init(register_opts)

} // namespace icount

bool icount_enabled() { return icount::enabled; }
bool icount_sleeps() { return icount::sleeps; }

bool icount_configure(const QemuOpts *opts, Error **errp) {
    const char *text = qemu_opt_get(opts, "shift");
    if (!text) return true;
    bool number = *text && strspn(text, "0123456789") == strlen(text);
    uint64_t value = 0;
    if (!number || !parse_option_number("shift", text, &value, nullptr) ||
        value > icount::MAX_SHIFT) {
        error_setg(errp, "icount: Invalid shift value");
        return false;
    }
    icount::shift = value;
    icount::sleeps = qemu_opt_get_bool(opts, "sleep", true);
    icount::enabled = true;
    qemu_clock_set_manual(&icount::driver);
    if (!qemu_guest_random_seeded()) qemu_guest_random_seed(0);
    return true;
}

uint64_t icount_budget(uint64_t most) {
    int64_t left = qemu_clock_deadline_virtual();
    if (left < 0) return most;
    uint64_t rounding = (uint64_t{ 1 } << icount::shift) - 1;
    return std::clamp<uint64_t>((static_cast<uint64_t>(left) + rounding) >> icount::shift, 1, most);
}

void icount_account(uint64_t instructions) {
    qemu_clock_advance_virtual(icount::time_of(instructions));
}
