// SPDX-License-Identifier: MIT
// Zicbom and Zicboz: what they do to memory, who may use them, and their faults.
#include "test.inc"
#define DATA (RAM + 0x1000)
#define ROOT (RAM + 0x2000)
#define CBIE 0x30
#define CBCFE 0x40
#define CBZE 0x80
#define INVAL 0x0004200f           // cbo.* 0(s0)
#define CLEAN 0x0014200f
#define FLUSH 0x0024200f
#define ZERO 0x0044200f
#define MENVCFG(value) li t0, value; csrw 0x30a, t0
#define SENVCFG(value) li t0, value; csrw 0x10a, t0
#define ENVCFG_IS(csr, want, value) li t0, value; csrw csr, t0; csrr a0, csr; CHECK(a0, want)
#define RUNS(mode, word) RUNS_IN(mode, .4byte word)
#define ILLEGAL_IN(mode, word) TRAPS_FROM(mode, 2, word, .4byte word)
#define FAULTS(mode, cause, tval, word) TRAPS_FROM(mode, cause, tval, .4byte word)
.option arch, +zicbom, +zicboz
START
    OPEN_PMP
    // --- a block is 64 bytes, whichever of its addresses is given
    li s0, DATA
    li a0, -1
    sd a0, -8(s0)
    sd a0, 0(s0)
    sd a0, 56(s0)
    sd a0, 64(s0)
    addi s0, s0, 63
    cbo.zero (s0)
    li s0, DATA
    ld a0, -8(s0);              CHECK(a0, -1)
    ld a0, 0(s0);               CHECK(a0, 0)
    ld a0, 56(s0);              CHECK(a0, 0)
    ld a0, 64(s0);              CHECK(a0, -1)
    li a0, 5
    sd a0, 0(s0)
    cbo.clean (s0)
    cbo.flush (s0)
    cbo.inval (s0)
    ld a0, 0(s0);               CHECK(a0, 5)
    // --- fields: CBIE is 0, 1 or 3
    ENVCFG_IS(0x30a, CBIE, CBIE)
    ENVCFG_IS(0x30a, CBIE, 0x20)
    ENVCFG_IS(0x30a, 0x10, 0x10)
    ENVCFG_IS(0x10a, 0x10, 0x10)
    ENVCFG_IS(0x10a, 0x10, 0x20)
    ENVCFG_IS(0x10a, 0, 0)
    // --- M mode needs no leave, S mode M's, U mode both
    MENVCFG(0)
    SENVCFG(CBIE | CBCFE | CBZE)
    cbo.zero (s0)
    cbo.inval (s0)
    ILLEGAL_IN(1, INVAL)
    ILLEGAL_IN(1, CLEAN)
    ILLEGAL_IN(1, FLUSH)
    ILLEGAL_IN(1, ZERO)
    ILLEGAL_IN(0, INVAL)
    ILLEGAL_IN(0, CLEAN)
    ILLEGAL_IN(0, FLUSH)
    ILLEGAL_IN(0, ZERO)
    MENVCFG(CBZE)
    RUNS(1, ZERO)
    ILLEGAL_IN(1, CLEAN)
    ILLEGAL_IN(1, INVAL)
    MENVCFG(CBCFE)
    RUNS(1, CLEAN)
    RUNS(1, FLUSH)
    ILLEGAL_IN(1, ZERO)
    ILLEGAL_IN(1, INVAL)
    MENVCFG(0x10)
    RUNS(1, INVAL)
    RUNS(0, INVAL)
    SENVCFG(0)
    RUNS(1, INVAL)
    ILLEGAL_IN(0, INVAL)
    MENVCFG(CBIE | CBCFE | CBZE)
    ILLEGAL_IN(0, CLEAN)
    ILLEGAL_IN(0, ZERO)
    SENVCFG(CBIE | CBCFE | CBZE)
    RUNS(0, INVAL)
    RUNS(0, CLEAN)
    RUNS(0, FLUSH)
    RUNS(0, ZERO)
    // --- faults are a store's, at the block's address
    li s0, 0x40000000 + 9
    TRAPS(7, 0x40000000, .4byte ZERO)
    li t0, ROOT                    // gigapages: RAM for S mode, 1 read-only, 0 nothing
    li t1, (RAM >> 2) | 0xcf
    sd t1, 16(t0)
    li t1, (RAM >> 2) | 0x43
    sd t1, 8(t0)
    li t1, (8 << 60) | (ROOT >> 12)
    csrw satp, t1
    sfence.vma
    li s0, 0x40001000 + 9
    RUNS(1, CLEAN)                 // whoever may read may clean
    RUNS(1, INVAL)
    FAULTS(1, 15, 0x40001000, ZERO)
    li s0, 0x1009
    FAULTS(1, 15, 0x1000, CLEAN)
    FAULTS(1, 15, 0x1000, INVAL)
    FAULTS(1, 15, 0x1000, FLUSH)
    FAULTS(1, 15, 0x1000, ZERO)
    csrw satp, zero
    // --- reserved beside them
    ILLEGAL(0x0034200f)
    ILLEGAL(0x0044208f)
    PASS
