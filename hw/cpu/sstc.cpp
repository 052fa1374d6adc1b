// SPDX-License-Identifier: MIT
/* Sstc: the supervisor's timer. STIP follows time >= stimecmp while menvcfg.STCE is set; while it
 * is low, a timer of the main loop waits for the moment it rises.
 * Spec:   privileged, chapter 9 (Sstc)
 * In gdb: b sstc::timer_fired */
#include "hw/cpu/sstc.h"

#include "util/main-loop.h"

namespace sstc {

// Under the big lock: the main loop and the hart may both be here.
static void update(RISCVCPU &cpu) {
    uint64_t now = cpu.rdtime ? cpu.rdtime(cpu.rdtime_opaque) : 0;
    uint64_t compare = cpu.stimecmp;
    bool due = now >= compare;
    cpu.stip_due = due;
    if (due) return timer_del(&cpu.stimer);
    __extension__ using Wide = unsigned __int128;
    Wide ns =
        (Wide{ compare - now } * NANOSECONDS_PER_SECOND + cpu.timebase_hz - 1) / cpu.timebase_hz;
    Wide then = ns + static_cast<uint64_t>(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    if (then <= INT64_MAX)
        timer_mod(&cpu.stimer, static_cast<int64_t>(then));
    else
        timer_del(&cpu.stimer); // centuries away
}

static void timer_fired(void *opaque) { sstc_time_set(*static_cast<RISCVCPU *>(opaque)); }

} // namespace sstc

void sstc_time_set(RISCVCPU &cpu) {
    if (!cpu.stimer_used) return;
    sstc::update(cpu);
    cpu.set_attention(ATTENTION_IRQ);
    if (cpu.has_work()) cpu_kick(&cpu);
}

void sstc_update(RISCVCPU &cpu) {
    BqlGuard guard;
    if (cpu.menvcfg & ENVCFG_STCE) {
        cpu.stimer_used = true;
        cpu.mip.fetch_and(~MIP_STIP); // software's bit is gone
        if (!cpu.stimer.cb) timer_init_ns(&cpu.stimer, QEMU_CLOCK_VIRTUAL, sstc::timer_fired, &cpu);
        sstc::update(cpu);
    } else {
        sstc_reset(cpu);
    }
    cpu.set_attention(ATTENTION_IRQ);
}

void sstc_reset(RISCVCPU &cpu) {
    cpu.stimer_used = false;
    cpu.stip_due = false;
    if (cpu.stimer.cb) timer_del(&cpu.stimer);
}
