// SPDX-License-Identifier: MIT
/* Names of the privileged architecture: modes, causes, and the fields of control registers.
 * Spec: The RISC-V Instruction Set Manual, volume II, 20240411. */
#pragma once

#include <cstdint>

enum Priv : uint8_t { PRV_U = 0, PRV_S = 1, PRV_M = 3 };

// Interrupts: the number is the bit in mip and mie and the code in mcause.
enum Irq : unsigned {
    IRQ_S_SOFT = 1,
    IRQ_M_SOFT = 3,
    IRQ_S_TIMER = 5,
    IRQ_M_TIMER = 7,
    IRQ_S_EXT = 9,
    IRQ_M_EXT = 11,
};
inline constexpr uint64_t MIP_SSIP = 1u << IRQ_S_SOFT;
inline constexpr uint64_t MIP_MSIP = 1u << IRQ_M_SOFT;
inline constexpr uint64_t MIP_STIP = 1u << IRQ_S_TIMER;
inline constexpr uint64_t MIP_MTIP = 1u << IRQ_M_TIMER;
inline constexpr uint64_t MIP_SEIP = 1u << IRQ_S_EXT;
inline constexpr uint64_t MIP_MEIP = 1u << IRQ_M_EXT;
inline constexpr uint64_t MIP_S_ALL = MIP_SSIP | MIP_STIP | MIP_SEIP;
inline constexpr uint64_t MIP_ALL = MIP_S_ALL | MIP_MSIP | MIP_MTIP | MIP_MEIP;

// Exceptions: the code in mcause.
enum Cause : uint64_t {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL_INSTRUCTION = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_U_ECALL = 8,
    CAUSE_S_ECALL = 9,
    CAUSE_M_ECALL = 11,
    CAUSE_FETCH_PAGE_FAULT = 12,
    CAUSE_LOAD_PAGE_FAULT = 13,
    CAUSE_STORE_PAGE_FAULT = 15,
};
inline constexpr uint64_t CAUSE_INTERRUPT = uint64_t{ 1 } << 63;

inline constexpr uint64_t MSTATUS_SIE = 1u << 1;
inline constexpr uint64_t MSTATUS_MIE = 1u << 3;
inline constexpr uint64_t MSTATUS_SPIE = 1u << 5;
inline constexpr uint64_t MSTATUS_MPIE = 1u << 7;
inline constexpr uint64_t MSTATUS_SPP = 1u << 8;
inline constexpr uint64_t MSTATUS_MPP = 3u << 11;
inline constexpr unsigned MSTATUS_MPP_SHIFT = 11;
inline constexpr uint64_t MSTATUS_FS = 3u << 13; // 0: off, 3: dirty
inline constexpr uint64_t MSTATUS_MPRV = 1u << 17;
inline constexpr uint64_t MSTATUS_SUM = 1u << 18;
inline constexpr uint64_t MSTATUS_MXR = 1u << 19;
inline constexpr uint64_t MSTATUS_TVM = 1u << 20;
inline constexpr uint64_t MSTATUS_TW = 1u << 21;
inline constexpr uint64_t MSTATUS_TSR = 1u << 22;
inline constexpr uint64_t MSTATUS_UXL_64 = uint64_t{ 2 } << 32;
inline constexpr uint64_t MSTATUS_SXL_64 = uint64_t{ 2 } << 34;
inline constexpr uint64_t MSTATUS_SD = uint64_t{ 1 } << 63;

inline constexpr uint64_t COUNTER_CY = 1u << 0;
inline constexpr uint64_t COUNTER_TM = 1u << 1;
inline constexpr uint64_t COUNTER_IR = 1u << 2;

// menvcfg and senvcfg
inline constexpr uint64_t ENVCFG_FIOM = 1u << 0;
inline constexpr uint64_t ENVCFG_CBIE = 3u << 4;
inline constexpr uint64_t ENVCFG_CBIE_RESERVED = 2u << 4;
inline constexpr uint64_t ENVCFG_CBCFE = 1u << 6;
inline constexpr uint64_t ENVCFG_CBZE = 1u << 7;
// menvcfg alone
inline constexpr uint64_t ENVCFG_ADUE = uint64_t{ 1 } << 61;
inline constexpr uint64_t ENVCFG_PBMTE = uint64_t{ 1 } << 62;
inline constexpr uint64_t ENVCFG_STCE = uint64_t{ 1 } << 63;

inline constexpr unsigned SATP_MODE_SHIFT = 60;
inline constexpr uint64_t SATP_MODE_BARE = 0;
inline constexpr uint64_t SATP_MODE_SV39 = 8;
inline constexpr uint64_t SATP_MODE_SV48 = 9;
inline constexpr uint64_t SATP_MODE_SV57 = 10;
inline constexpr uint64_t SATP_PPN = (uint64_t{ 1 } << 44) - 1;

inline constexpr uint64_t PTE_V = 1u << 0;
inline constexpr uint64_t PTE_R = 1u << 1;
inline constexpr uint64_t PTE_W = 1u << 2;
inline constexpr uint64_t PTE_X = 1u << 3;
inline constexpr uint64_t PTE_U = 1u << 4;
inline constexpr uint64_t PTE_A = 1u << 6;
inline constexpr uint64_t PTE_D = 1u << 7;
inline constexpr unsigned PTE_PPN_SHIFT = 10;
inline constexpr uint64_t PTE_PPN = (uint64_t{ 1 } << 44) - 1; // moved down
// Bits 60 to 54: the future's.
inline constexpr uint64_t PTE_RESERVED = uint64_t{ 0x7f } << 54;
inline constexpr uint64_t PTE_PBMT = uint64_t{ 3 } << 61;
inline constexpr uint64_t PTE_N = uint64_t{ 1 } << 63;

inline constexpr uint8_t PMP_R = 1u << 0;
inline constexpr uint8_t PMP_W = 1u << 1;
inline constexpr uint8_t PMP_X = 1u << 2;
inline constexpr uint8_t PMP_A = 3u << 3;
inline constexpr unsigned PMP_A_SHIFT = 3;
inline constexpr uint8_t PMP_L = 1u << 7;
enum PmpMode : uint8_t { PMP_OFF, PMP_TOR, PMP_NA4, PMP_NAPOT };
