// SPDX-License-Identifier: MIT
// Zba, Zbb, Zbc, Zbs and Zicond, at the values where they go wrong.
#include "test.inc"
#define MIN64 0x8000000000000000
#define MIN32 0xffffffff80000000
#define R1(op, want, a) li a1, a; op a0, a1; CHECK(a0, want)
// The assembler knows no Zicond.
#define CZERO(f3, want, a, b) li a1, a; li a2, b; .insn r 0x33, f3, 7, a0, a1, a2; CHECK(a0, want)
.option arch, +zba, +zbb, +zbc, +zbs
START
    // --- Zba
    RR(add.uw, 0x100000000, 0xffffffffffffffff, 1)
    RR(add.uw, 0, 0x00000001ffffffff, -0xffffffff)
    RR(add.uw, 0xfffffffe, 0xffffffff, -1)
    RR(sh1add, 1, MIN64, 1)
    RR(sh1add, 7, 2, 3)
    RR(sh2add, 11, 2, 3)
    RR(sh2add, -5, -1, -1)
    RR(sh3add, 19, 2, 3)
    RR(sh3add, 0, 0x2000000000000000, 0)
    RR(sh1add.uw, 0x1fffffffe, -1, 0)
    RR(sh2add.uw, 0x3fffffffc, -1, 0)
    RR(sh3add.uw, 0x7fffffff8, -1, 0)
    RR(sh3add.uw, 5, 0x500000000, 5)
    RI(slli.uw, 0xffffffff, -1, 0)
    RI(slli.uw, 0x7fffffff80000000, -1, 31)
    RI(slli.uw, MIN64, 0xff00000001, 63)
    // --- Zbb: logic
    RR(andn, 0xf000f000, 0xff00ff00, 0x0f0f0f0f)
    RR(orn, 0xfffffffffff0fff0, 0, 0x000f000f)
    RR(xnor, -1, 0x1234567812345678, 0x1234567812345678)
    RR(xnor, 0, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa)
    // --- Zbb: counts
    R1(clz, 64, 0)
    R1(clz, 0, -1)
    R1(clz, 63, 1)
    R1(clz, 32, 0xffffffff)
    R1(ctz, 64, 0)
    R1(ctz, 63, MIN64)
    R1(ctz, 0, -1)
    R1(cpop, 0, 0)
    R1(cpop, 64, -1)
    R1(cpop, 2, 0x8000000000000001)
    R1(clzw, 32, 0)
    R1(clzw, 32, 0xffffffff00000000)
    R1(clzw, 0, 0x80000000)
    R1(clzw, 31, 0xff00000001)
    R1(ctzw, 32, 0xffffffff00000000)
    R1(ctzw, 31, 0x80000000)
    R1(cpopw, 32, -1)
    R1(cpopw, 0, 0xffffffff00000000)
    // --- Zbb: the larger and the smaller
    RR(max, 1, -1, 1)
    RR(max, 0x7fffffffffffffff, MIN64, 0x7fffffffffffffff)
    RR(maxu, -1, -1, 1)
    RR(min, -1, -1, 1)
    RR(min, MIN64, MIN64, 0x7fffffffffffffff)
    RR(minu, 1, -1, 1)
    // --- Zbb: extension
    R1(sext.b, -128, 0x80)
    R1(sext.b, 127, 0xffffff7f)
    R1(sext.h, -32768, 0x8000)
    R1(sext.h, 0x7fff, 0xffff7fff)
    R1(zext.h, 0xffff, -1)
    R1(zext.h, 0, 0xffffffffffff0000)
    // --- Zbb: rotation; only the low bits of the amount count
    RR(rol, 3, 0x8000000000000001, 1)
    RR(rol, 0x8000000000000001, 0x8000000000000001, 64)
    RR(ror, 0xc000000000000000, 0x8000000000000001, 1)
    RR(ror, 0x123456789abcdef0, 0x123456789abcdef0, 0)
    RR(rolw, 3, 0xffffffff80000001, 1)
    RR(rolw, MIN32, 0x180000000, 32)
    RR(rolw, MIN32, 1, 31)
    RR(rorw, MIN32, 1, 1)
    RR(rorw, 1, 0xf00000001, 64)
    RI(rori, 0x8000000000000000, 1, 1)
    RI(rori, 2, 1, 63)
    RI(rori, 5, 5, 0)
    RI(roriw, MIN32, 1, 1)
    RI(roriw, 2, 0xf00000001, 31)
    // --- Zbb: bytes
    R1(orc.b, 0, 0)
    R1(orc.b, 0xff00ff00ff00ffff, 0x0100800010007f01)
    R1(orc.b, 0x00ffffffffffff00, 0x0001010101010100)
    R1(orc.b, -1, 0x8080808080808080)
    R1(rev8, 0x0807060504030201, 0x0102030405060708)
    // --- Zbc
    RR(clmul, 0x5555555555555555, -1, -1)
    RR(clmulh, 0x5555555555555555, -1, -1)
    RR(clmulr, 0xaaaaaaaaaaaaaaaa, -1, -1)
    RR(clmul, 0, -1, 0)
    RR(clmul, 0x12, 6, 7)
    RR(clmul, MIN64, 1, MIN64)
    RR(clmulh, 0x4000000000000000, MIN64, MIN64)
    RR(clmulr, MIN64, MIN64, MIN64)
    RR(clmulr, 1, 1, MIN64)
    RR(clmulh, 0, 1, MIN64)
    RR(clmulh, 1, 2, MIN64)
    // --- Zbs; the amount modulo 64
    RR(bclr, 0x7fffffffffffffff, -1, 63)
    RR(bclr, -2, -1, 64)
    RR(bset, MIN64, 0, -1)
    RR(binv, 0, 0x100000000, 32)
    RR(binv, 0x100000000, 0, 96)
    RR(bext, 1, MIN64, 63)
    RR(bext, 0, MIN64, 62)
    RI(bclri, 0x7fffffffffffffff, -1, 63)
    RI(bseti, MIN32 + 0x100000000, 0, 31)
    RI(binvi, 0, MIN64, 63)
    RI(bexti, 1, MIN64, 63)
    RI(bexti, 0, 1, 1)
    // --- Zicond
    CZERO(5, 0, 7, 0)
    CZERO(5, 7, 7, MIN64)
    CZERO(7, 7, 7, 0)
    CZERO(7, 0, 7, 0x100000000)
    // --- x0 stays 0, a destination may be a source
    li a1, -1
    cpop zero, a1
    CHECK(zero, 0)
    li a0, 3
    sh1add a0, a0, a0
    CHECK(a0, 9)
    // --- hints do nothing: pause, ntl.p1 to ntl.all, prefetch.i, .r, .w with an offset
    li a0, 1
    .4byte 0x0100000f
    .4byte 0x00200033
    .4byte 0x00300033
    .4byte 0x00400033
    .4byte 0x00500033
    .2byte 0x900a
    .4byte 0x00056013
    .4byte 0x00156013
    .4byte 0x7e356013
    CHECK(a0, 1)
    // --- no one's: zext.h with a second source, orc.b and rev8 with another constant, RV32's zip
    ILLEGAL(0x0815453b)
    ILLEGAL(0x28655513)
    ILLEGAL(0x69855513)
    ILLEGAL(0x08f51513)
    PASS
