// SPDX-License-Identifier: MIT
// Zcb. The assembler does not know it: encodings from the manual's tables, s0 is register 000 of a
// compressed field, s1 001, a0 010, a1 011.
#include "test.inc"
#define DATA (RAM + 0x1000)
#define UNARY(word, want, value) li a0, value; .2byte word; CHECK(a0, want)
START
    li s0, DATA
    li a0, 0x8182838485868788
    sd a0, 0(s0)
    .2byte 0x8008                  // c.lbu a0, 0(s0)
    CHECK(a0, 0x88)
    .2byte 0x8048                  // c.lbu a0, 1(s0): bit 6 is offset bit 0
    CHECK(a0, 0x87)
    .2byte 0x8028                  // c.lbu a0, 2(s0)
    CHECK(a0, 0x86)
    .2byte 0x8068                  // c.lbu a0, 3(s0)
    CHECK(a0, 0x85)
    .2byte 0x8408                  // c.lhu a0, 0(s0)
    CHECK(a0, 0x8788)
    .2byte 0x8428                  // c.lhu a0, 2(s0)
    CHECK(a0, 0x8586)
    .2byte 0x8448                  // c.lh a0, 0(s0)
    CHECK(a0, 0xffffffffffff8788)
    .2byte 0x8468                  // c.lh a0, 2(s0)
    CHECK(a0, 0xffffffffffff8586)
    li a0, 0x1122
    .2byte 0x8848                  // c.sb a0, 1(s0)
    .2byte 0x8868                  // c.sb a0, 3(s0)
    ld a1, 0(s0)
    CHECK(a1, 0x8182838422862288)
    .2byte 0x8c08                  // c.sh a0, 0(s0)
    .2byte 0x8c28                  // c.sh a0, 2(s0)
    ld a1, 0(s0)
    CHECK(a1, 0x8182838411221122)
    UNARY(0x9d61, 0xff, -1)                        // c.zext.b
    UNARY(0x9d65, -128, 0x180)                     // c.sext.b
    UNARY(0x9d69, 0xffff, -1)                      // c.zext.h
    UNARY(0x9d6d, -32768, 0x18000)                 // c.sext.h
    UNARY(0x9d71, 0xffffffff, -1)                  // c.zext.w
    UNARY(0x9d75, 0x00ff00ff00ff00ff, 0xff00ff00ff00ff00) // c.not
    li a1, -3
    UNARY(0x9d4d, -21, 7)                          // c.mul a0, a1
    // --- reserved beside them
    ILLEGAL16(0x8c48)              // c.sh with bit 6
    ILLEGAL16(0x9000)
    ILLEGAL16(0x9d79)
    ILLEGAL16(0x9d7d)
    // --- faults are those of the access
    li s0, 0x40000000
    TRAPS(5, 0x40000003, .2byte 0x8068)
    TRAPS(7, 0x40000002, .2byte 0x8c28)
    PASS
