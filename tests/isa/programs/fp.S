// SPDX-License-Identifier: MIT
// F, D, Zfhmin and Zfa: state and flags, boxes, rounding, subnormals, NaNs, and what conversions
// do out of range. tests/isa/fp_diff.py has the broad sweep; here each rule has its own line.
#include "test.inc"
#define NX 1
#define UF 2
#define OF 4
#define DZ 8
#define NV 16
#define FS 0x6000
#define BOX(word) (0xffffffff00000000 | (word))
#define NAN_S BOX(0x7fc00000)
#define NAN_D 0x7ff8000000000000
#define INF_S BOX(0x7f800000)
#define INF_D 0x7ff0000000000000
#define MINUS 0x8000000000000000
#define ONE_S BOX(0x3f800000)
#define ONE_D 0x3ff0000000000000
#define MAX_D 0x7fefffffffffffff
#define SNAN_S BOX(0x7f800001)
#define SNAN_D 0x7ff0000000000001
// Registers are set and checked as 64 bits, boxes and all.
#define FLAGS(want) csrrw a0, fflags, zero; CHECK(a0, want)
#define OPERANDS(a, b, c) li a1, a; fmv.d.x fa1, a1; li a2, b; fmv.d.x fa2, a2; li a3, c; fmv.d.x fa3, a3
#define RESULT_F(want, flags) fmv.x.d a0, fa0; CHECK(a0, want); FLAGS(flags)
#define F1(op, want, flags, a, ...) OPERANDS(a, 0, 0); op fa0, fa1 __VA_OPT__(,) __VA_ARGS__; RESULT_F(want, flags)
#define F2(op, want, flags, a, b, ...) OPERANDS(a, b, 0); op fa0, fa1, fa2 __VA_OPT__(,) __VA_ARGS__; RESULT_F(want, flags)
#define F3(op, want, flags, a, b, c, ...) OPERANDS(a, b, c); op fa0, fa1, fa2, fa3 __VA_OPT__(,) __VA_ARGS__; RESULT_F(want, flags)
#define X1(op, want, flags, a, ...) OPERANDS(a, 0, 0); op a0, fa1 __VA_OPT__(,) __VA_ARGS__; CHECK(a0, want); FLAGS(flags)
#define X2(op, want, flags, a, b) OPERANDS(a, b, 0); op a0, fa1, fa2; CHECK(a0, want); FLAGS(flags)
#define FX(op, want, flags, a, ...) li a1, a; op fa0, a1 __VA_OPT__(,) __VA_ARGS__; RESULT_F(want, flags)
// The assembler knows no Zfa: f5 and the format, rs2, funct3.
#define ZFA(f7, rs2, f3) .4byte (f7) << 25 | (rs2) << 20 | 11 << 15 | (f3) << 12 | 10 << 7 | 0x53
#define Z1(f7, rs2, f3, want, flags, a) OPERANDS(a, 0, 0); ZFA(f7, rs2, f3); RESULT_F(want, flags)
#define Z2(f7, f3, want, flags, a, b) OPERANDS(a, b, 0); ZFA(f7, 12, f3); RESULT_F(want, flags)
#define ZX(f7, rs2, f3, want, flags, a, b) OPERANDS(a, b, 0); ZFA(f7, rs2, f3); CHECK(a0, want); FLAGS(flags)
#define FLI(f7, n, want) .4byte (f7) << 25 | 1 << 20 | (n) << 15 | 10 << 7 | 0x53; RESULT_F(want, 0)
.option arch, +f, +d, +zfhmin
START
    // --- with FS off nothing of it exists
    la a4, memory
    TRAPS(2, 0x00072507, flw fa0, 0(a4))
    TRAPS(2, 0x00a73027, fsd fa0, 0(a4))
    TRAPS(2, 0x00b57553, fadd.s fa0, fa0, fa1)
    TRAPS(2, 0xe2050553, fmv.x.d a0, fa0)
    TRAPS(2, 0x00102573, csrr a0, fflags)
    TRAPS(2, 0x00302573, csrr a0, fcsr)
    .option push; .option rvc
    TRAPS(2, 0x2308, c.fld fa0, 0(a4))
    .option pop
    // --- FS turns dirty with the first change, and only then
    li s0, FS
    li s1, 0x2000
    csrs mstatus, s1                   // initial
    fmv.x.d a0, fa0;    CHECK(a0, 0)
    feq.d a0, fa0, fa1; CHECK(a0, 1)
    fsd fa0, 0(a4)
    csrr a0, mstatus;   and a0, a0, s0; CHECK(a0, 0x2000)
    csrr a0, mstatus;   srli a0, a0, 63; CHECK(a0, 0)
    fmv.d.x fa0, zero
    csrr a0, mstatus;   and a0, a0, s0; CHECK(a0, FS)
    csrr a0, mstatus;   srli a0, a0, 63; CHECK(a0, 1)
    csrr a0, sstatus;   srli a0, a0, 63; CHECK(a0, 1)
    csrc mstatus, s0;   csrs mstatus, s1
    csrw fflags, zero
    csrr a0, mstatus;   and a0, a0, s0; CHECK(a0, FS)
    li a1, SNAN_D;      fmv.d.x fa1, a1
    csrc mstatus, s0;   csrs mstatus, s1
    feq.d a0, fa1, fa1                 // raises a flag
    csrr a0, mstatus;   and a0, a0, s0; CHECK(a0, FS)
    FLAGS(NV)
    // --- fcsr
    li a1, -1
    csrw fcsr, a1;      csrr a0, fcsr;   CHECK(a0, 0xff)
    csrr a0, frm;       CHECK(a0, 7)
    csrw fflags, 5;     csrr a0, fcsr;   CHECK(a0, 0xe5)
    csrw frm, 2;        csrr a0, fcsr;   CHECK(a0, 0x45)
    csrw fcsr, zero
    // --- rounding modes that do not exist: 5 and 6 in rm, 5 to 7 in frm
    ILLEGAL(0x00b5d553)
    ILLEGAL(0x00b5e553)
    csrw frm, 5
    ILLEGAL(0x00b5f553)
    csrw frm, 7
    ILLEGAL(0x00b5f553)
    fadd.s fa0, fa1, fa1, rtz          // does not look at it
    csrw fcsr, zero
    // --- boxes
    li a1, 0x123456783f800000
    sd a1, 0(a4)
    flw fa0, 0(a4);     fmv.x.d a0, fa0; CHECK(a0, ONE_S)
    fld fa0, 0(a4);     fmv.x.w a0, fa0; CHECK(a0, 0x3f800000)
    fsw fa0, 8(a4);     lw a0, 8(a4);    CHECK(a0, 0x3f800000)
    F2(fadd.s, NAN_S, 0, 0x123456783f800000, ONE_S)
    F2(fsgnj.s, NAN_S, 0, 0x3f800000, ONE_S)
    F2(fsgnjn.s, BOX(0xffc00000), 0, 0xfffffffe3f800000, ONE_S)
    F2(fsgnjx.d, MINUS | ONE_D, 0, ONE_D, MINUS)
    F2(fsgnj.d, SNAN_D, 0, MINUS | SNAN_D, 0) // moves keep a NaN as it is
    X1(fclass.s, 0x200, 0, 0x3f800000)
    li a1, 0xbf800000
    fmv.w.x fa0, a1;    fmv.x.d a0, fa0; CHECK(a0, BOX(0xbf800000))
    fmv.x.w a0, fa0;    CHECK(a0, 0xffffffffbf800000)
    fmv.h.x fa0, a1;    fmv.x.d a0, fa0; CHECK(a0, 0xffffffffffff0000)
    flh fa0, 6(a4);     fmv.x.d a0, fa0; CHECK(a0, 0xffffffffffff1234)
    li a1, 0x8765;      fmv.h.x fa1, a1
    fmv.x.h a0, fa1;    CHECK(a0, 0xffffffffffff8765)
    fsh fa1, 0(a4);     lhu a0, 0(a4);   CHECK(a0, 0x8765)
    fcvt.s.h fa0, fa1;  fmv.x.d a0, fa0; CHECK(a0, BOX(0xb8eca000))
    .option push; .option rvc
    c.fsd fa1, 8(a4);   c.fld fa2, 8(a4)
    mv sp, a4
    c.fsdsp fa2, 16(sp); c.fldsp fa3, 16(sp); c.fldsp ft0, 16(sp)
    .option pop
    fmv.x.d a0, fa3;    CHECK(a0, 0xffffffffffff8765)
    fmv.x.d a0, ft0;    CHECK(a0, 0xffffffffffff8765)
    csrw fflags, zero
    // --- halfway between 1 and the next number, below and above; both signs
    F2(fadd.s, ONE_S, NX, ONE_S, BOX(0x33800000), rne)
    F2(fadd.s, BOX(0x3f800002), NX, BOX(0x3f800001), BOX(0x33800000), rne)
    F2(fadd.s, ONE_S, NX, ONE_S, BOX(0x33800000), rtz)
    F2(fadd.s, ONE_S, NX, ONE_S, BOX(0x33800000), rdn)
    F2(fadd.s, BOX(0x3f800001), NX, ONE_S, BOX(0x33800000), rup)
    F2(fadd.s, BOX(0x3f800001), NX, ONE_S, BOX(0x33800000), rmm)
    F2(fadd.s, ONE_S, NX, ONE_S, BOX(0x337fffff), rmm)
    F2(fsub.s, BOX(0xbf800001), NX, BOX(0xbf800000), BOX(0x33800000), rmm)
    F2(fsub.s, BOX(0xbf800001), NX, BOX(0xbf800000), BOX(0x33800000), rdn)
    F2(fsub.s, BOX(0xbf800000), NX, BOX(0xbf800000), BOX(0x33800000), rup)
    F2(fadd.d, 0x3ff0000000000001, NX, ONE_D, 0x3ca0000000000000, rmm)
    F2(fadd.d, ONE_D, NX, ONE_D, 0x3ca0000000000000, rne)
    csrw frm, 3
    F2(fadd.d, 0x3ff0000000000001, NX, ONE_D, 1)
    csrw frm, 4
    F2(fadd.d, ONE_D, NX, ONE_D, 1)
    F2(fdiv.d, 1, NX | UF, 1, 0x4000000000000000) // half the smallest number goes away from 0
    csrw frm, zero
    F2(fdiv.d, 0, NX | UF, 1, 0x4000000000000000)
    // --- exact zeros
    F2(fsub.d, 0, 0, ONE_D, ONE_D, rne)
    F2(fsub.d, MINUS, 0, ONE_D, ONE_D, rdn)
    F2(fsub.d, 0, 0, ONE_D, ONE_D, rmm)
    F3(fmadd.d, MINUS, 0, MINUS, ONE_D, MINUS)
    F3(fnmadd.d, MINUS, 0, 0, ONE_D, 0)
    // --- overflow
    F2(fadd.d, INF_D, OF | NX, MAX_D, MAX_D, rne)
    F2(fadd.d, MAX_D, OF | NX, MAX_D, MAX_D, rtz)
    F2(fadd.d, MAX_D, OF | NX, MAX_D, MAX_D, rdn)
    F2(fmul.d, MINUS | INF_D, OF | NX, MAX_D, MINUS | MAX_D, rdn)
    F2(fmul.d, MINUS | MAX_D, OF | NX, MAX_D, MINUS | MAX_D, rup)
    F2(fadd.d, INF_D, OF | NX, MAX_D, MAX_D, rmm)
    F2(fadd.d, MAX_D, NX, MAX_D, ONE_D, rmm)
    // --- tininess is seen after rounding: with 24 bits and no bound of exponents
    F2(fmul.s, BOX(0x00800000), NX | UF, BOX(0x00800000), BOX(0x3f7fffff))
    F2(fmul.s, BOX(0x00800000), NX, BOX(0x007fffff), BOX(0x3f800001))
    F2(fmul.s, BOX(0x00800000), NX, BOX(0x007fffff), BOX(0x3f800001), rmm)
    F2(fmul.s, BOX(0x007fffff), NX | UF, BOX(0x007fffff), BOX(0x3f800001), rtz)
    F2(fmul.s, BOX(0x00400000), 0, BOX(0x00800000), BOX(0x3f000000)) // exact: no underflow
    // --- invalid, division by zero
    F2(fdiv.d, INF_D, DZ, ONE_D, 0)
    F2(fdiv.d, MINUS | INF_D, DZ, ONE_D, MINUS, rmm)
    F2(fdiv.d, NAN_D, NV, 0, MINUS)
    F2(fdiv.d, 0, 0, ONE_D, INF_D)
    F2(fsub.s, NAN_S, NV, INF_S, INF_S)
    F2(fmul.s, NAN_S, NV, INF_S, BOX(0x80000000), rmm)
    F1(fsqrt.d, NAN_D, NV, MINUS | ONE_D)
    F1(fsqrt.d, MINUS, 0, MINUS)
    F1(fsqrt.d, 0x3ff6a09e667f3bcd, NX, 0x4000000000000000)
    F1(fsqrt.d, 0x3ff6a09e667f3bcc, NX, 0x4000000000000000, rdn)
    F2(fadd.d, NAN_D, 0, 0xfff8000000000123, ONE_D) // payloads are not kept
    F2(fadd.d, NAN_D, NV, SNAN_D, ONE_D)
    // --- fused: one rounding, and infinity times zero is invalid whatever is added
    F3(fmadd.d, 0x3970000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001, 0xbff0000000000002)
    F3(fmsub.d, 0x3970000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001, 0x3ff0000000000002)
    F3(fnmsub.d, 0xb970000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001, 0x3ff0000000000002, rmm)
    F3(fmadd.s, NAN_S, NV, INF_S, BOX(0), NAN_S)
    F3(fmadd.s, NAN_S, 0, ONE_S, BOX(0x3eaaaaab), NAN_S)
    F3(fmadd.s, NAN_S, NV, INF_S, ONE_S, BOX(0xff800000))
    // --- comparison, minimum, class
    X2(feq.d, 1, 0, 0, MINUS)
    X2(flt.d, 0, 0, MINUS, 0)
    X2(fle.d, 1, 0, 0, MINUS)
    X2(feq.d, 0, 0, NAN_D, NAN_D)
    X2(feq.d, 0, NV, SNAN_D, ONE_D)
    X2(flt.d, 0, NV, NAN_D, ONE_D)
    X2(fle.s, 0, NV, ONE_S, NAN_S)
    X2(flt.s, 1, 0, BOX(0xff800000), INF_S)
    F2(fmin.d, MINUS, 0, 0, MINUS)
    F2(fmax.d, 0, 0, MINUS, 0)
    F2(fmin.s, ONE_S, 0, NAN_S, ONE_S)
    F2(fmax.s, ONE_S, NV, ONE_S, SNAN_S)
    F2(fmin.s, NAN_S, 0, BOX(0xffc00001), NAN_S)
    X1(fclass.d, 0x001, 0, MINUS | INF_D)
    X1(fclass.d, 0x002, 0, MINUS | ONE_D)
    X1(fclass.d, 0x004, 0, MINUS | 1)
    X1(fclass.d, 0x008, 0, MINUS)
    X1(fclass.d, 0x010, 0, 0)
    X1(fclass.d, 0x020, 0, 0x000fffffffffffff)
    X1(fclass.d, 0x040, 0, MAX_D)
    X1(fclass.d, 0x080, 0, INF_D)
    X1(fclass.d, 0x100, 0, SNAN_D)
    X1(fclass.d, 0x200, 0, NAN_D)
    // --- to integers
    X1(fcvt.w.d, 2, NX, 0x4004000000000000, rne) // 2.5
    X1(fcvt.w.d, 3, NX, 0x4004000000000000, rmm)
    X1(fcvt.w.d, -2, NX, 0xc004000000000000, rtz)
    X1(fcvt.w.d, -3, NX, 0xc004000000000000, rdn)
    X1(fcvt.w.d, 0x7fffffff, NV, 0x41e0000000000000)  // 2^31
    X1(fcvt.w.d, 0x7fffffff, NX, 0x41dfffffffe00000, rtz) // 2^31 - 1/2
    X1(fcvt.w.d, 0x7fffffff, NV, 0x41dfffffffe00000, rup)
    X1(fcvt.w.d, -0x80000000, NV, MINUS | INF_D)
    X1(fcvt.w.s, 0x7fffffff, NV, NAN_S)
    X1(fcvt.wu.d, 0, NX, 0xbfe0000000000000, rne) // -1/2
    X1(fcvt.wu.d, 0, NV, 0xbfe0000000000000, rdn)
    X1(fcvt.wu.d, -1, NV, INF_D)
    X1(fcvt.wu.d, 0xffffffff80000000, 0, 0x41e0000000000000)
    X1(fcvt.l.d, 0x7fffffffffffffff, NV, 0x43e0000000000000)
    X1(fcvt.l.d, MINUS, 0, 0xc3e0000000000000)
    X1(fcvt.lu.d, -1, NV, NAN_D)
    X1(fcvt.lu.s, MINUS, 0, BOX(0x5f000000))
    // --- from integers, and between formats
    FX(fcvt.s.w, BOX(0x4f000000), NX, 0x7fffffff, rne)
    FX(fcvt.s.w, BOX(0x4effffff), NX, 0x7fffffff, rtz)
    FX(fcvt.s.wu, BOX(0x4f800000), NX, -1, rmm)
    FX(fcvt.d.w, 0xc1e0000000000000, 0, 0x80000000)
    FX(fcvt.d.lu, 0x43f0000000000000, NX, -1)
    FX(fcvt.d.l, 0xbff0000000000000, 0, -1)
    F1(fcvt.s.d, BOX(0x3f800001), NX, 0x3ff0000010000000, rmm)
    F1(fcvt.s.d, ONE_S, NX, 0x3ff0000010000000, rne)
    F1(fcvt.s.d, BOX(0x00000001), NX | UF, 1, rup)
    F1(fcvt.s.d, NAN_S, NV, SNAN_D)
    F1(fcvt.d.s, 0x36a0000000000000, 0, BOX(1))
    F1(fcvt.h.s, 0xffffffffffff7c00, OF | NX, BOX(0x477ff000)) // 65520
    F1(fcvt.h.s, 0xffffffffffff7bff, NX, BOX(0x477ff000), rtz)
    F1(fcvt.h.d, 0xffffffffffff0001, NX | UF, 0x3e60000000000000, rmm) // 2^-25: half the smallest
    F1(fcvt.h.d, 0xffffffffffff0000, NX | UF, 0x3e60000000000000, rne)
    F1(fcvt.d.h, 0x3e70000000000000, 0, 0xffffffffffff0001)
    F1(fcvt.s.h, NAN_S, NV, 0xffffffffffff7c01)
    // --- Zfa
    FLI(0x78, 0, BOX(0xbf800000))
    FLI(0x78, 1, BOX(0x00800000))
    FLI(0x79, 1, 0x0010000000000000)
    FLI(0x79, 2, 0x3ef0000000000000)
    FLI(0x79, 9, 0x3fd4000000000000)
    FLI(0x79, 29, 0x40f0000000000000)
    FLI(0x78, 30, INF_S)
    FLI(0x79, 31, NAN_D)
    Z2(0x15, 2, NAN_D, 0, NAN_D, ONE_D)           // fminm.d
    Z2(0x14, 3, NAN_S, NV, ONE_S, SNAN_S)         // fmaxm.s
    Z2(0x15, 2, MINUS, 0, 0, MINUS)
    Z1(0x21, 4, 0, 0x4000000000000000, 0, 0x4004000000000000)  // fround.d 2.5
    Z1(0x21, 5, 4, 0x4008000000000000, NX, 0x4004000000000000) // froundnx.d
    Z1(0x21, 4, 0, MINUS, 0, 0xbfe0000000000000)
    Z1(0x21, 5, 0, NAN_D, NV, SNAN_D)
    Z1(0x20, 4, 3, ONE_S, 0, BOX(1))
    Z1(0x21, 5, 0, MAX_D, 0, MAX_D)
    ZX(0x51, 12, 4, 0, 0, NAN_D, ONE_D)           // fleq.d
    ZX(0x50, 12, 5, 0, NV, SNAN_S, ONE_S)         // fltq.s
    ZX(0x61, 8, 1, 1, NV, 0x41f0000000100000, 0)  // fcvtmod.w.d of 2^32 + 1
    ZX(0x61, 8, 1, -0x80000000, 0, 0xc1e0000000000000, 0)
    ZX(0x61, 8, 1, -1, NX, 0xbff8000000000000, 0)
    ZX(0x61, 8, 1, 0, NV, INF_D, 0)
    PASS
.balign 8
memory: .zero 64
