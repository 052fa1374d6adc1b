// SPDX-License-Identifier: MIT
/* Lab: a driver that begins a phase of main once more. See README.md. */
#include <cstdio>

#include "block/block.h"
#include "util/module.h"
#include "vl/phase.h"

namespace phase_twice {

static void again_init() {
    static int calls;
    calls++;
    bdrv_init();
    fprintf(stderr, "bdrv_init again: again_init has run %d time\n", calls);
    phase_advance(PHASE_BLOCK);
}

block_init(again_init)

} // namespace phase_twice
