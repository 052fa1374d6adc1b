// SPDX-License-Identifier: MIT
// instructions.h: a function each, which the compiler moves no access across.

.macro function name, text:vararg
        .globl  \name
\name:  \text
        ret
.endm

        .text
        function fence_i,         fence.i
        function sfence_vma_all,  sfence.vma
        function sfence_vma,      sfence.vma a0
        function wfi,             wfi
        function wrs_nto,         .4byte  0x00d00073

        function lr_w,            lr.w    a0, (a0)
        function lr_w_aq,         lr.w.aq a0, (a0)
        function lr_d_aqrl,       lr.d.aqrl a0, (a0)
        function sc_w,            sc.w    a0, a1, (a0)
        function sc_d_aqrl,       sc.d.aqrl a0, a1, (a0)
        function amoadd_w,        amoadd.w a0, a1, (a0)
        function amoadd_w_rl,     amoadd.w.rl a0, a1, (a0)
        function amoadd_w_aqrl,   amoadd.w.aqrl a0, a1, (a0)
        function amoadd_d_aqrl,   amoadd.d.aqrl a0, a1, (a0)
        function amoor_w_aq,      amoor.w.aq a0, a1, (a0)
        function amoswap_w_aq,    amoswap.w.aq a0, a1, (a0)
        function amoswap_w_rl,    amoswap.w.rl a0, a1, (a0)
        function amoswap_w_aqrl,  amoswap.w.aqrl a0, a1, (a0)
        function amomaxu_w,       amomaxu.w a0, a1, (a0)
        function amominu_w,       amominu.w a0, a1, (a0)
        function amoadd_d,        amoadd.d a0, a1, (a0)
        function amoswap_d,       amoswap.d a0, a1, (a0)
        function amoxor_d,        amoxor.d a0, a1, (a0)
        function amoor_d,         amoor.d a0, a1, (a0)
        function amoand_d,        amoand.d a0, a1, (a0)
// amocas.w and .d a0, a2, (a1): this assembler has no name for them.
        function amocas_w,        .4byte  0x28c5a52f
        function amocas_d,        .4byte  0x28c5b52f

        function read_mstatus,    csrr    a0, mstatus
        function set_mstatus,     csrs    mstatus, a0
        function clear_mstatus,   csrc    mstatus, a0
        function read_mip,        csrr    a0, mip
        function clear_mip,       csrc    mip, a0
        function set_mie,         csrs    mie, a0
        function clear_mie,       csrc    mie, a0
        function read_time,       csrr    a0, time
        function set_menvcfg,     csrs    0x30a, a0
        function write_stimecmp,  csrw    0x14d, a0
        function write_satp,      csrw    satp, a0
        function write_pmpaddr0,  csrw    pmpaddr0, a0
        function write_pmpcfg0,   csrw    pmpcfg0, a0
