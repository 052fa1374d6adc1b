// SPDX-License-Identifier: MIT
/* C: the 16-bit encodings. Each has the body of the instruction it stands for; its format says
 * which operands are implied.
 * Spec: unprivileged, chapter 27, tables 34 to 36 (RV64 columns). Letters are the values the
 *       tables reserve: n, an immediate or register that is not 0; d, a register that is not sp.
 *       Hints (rd = x0 where nothing reserves it) execute and do nothing. */
#include "hw/cpu/insn.h"

// clang-format off
static constexpr InsnRow rows[] = {
    // quadrant 0
    { "c.addi4spn", "000 nnnnnnnn ... 00",      Format::CIW,      exec_addi               },
    { "c.lw",       "010 ... ... .. ... 00",    Format::CL_LW,    exec_lw                 },
    { "c.ld",       "011 ... ... .. ... 00",    Format::CL_LD,    exec_ld                 },
    { "c.sw",       "110 ... ... .. ... 00",    Format::CS_SW,    exec_sw                 },
    { "c.sd",       "111 ... ... .. ... 00",    Format::CS_SD,    exec_sd                 },
    // quadrant 1
    { "c.addi",     "000 . ..... ..... 01",     Format::CI,       exec_addi               },
    { "c.addiw",    "001 . nnnnn ..... 01",     Format::CI,       exec_addiw              },
    { "c.li",       "010 . ..... ..... 01",     Format::CI_LI,    exec_addi               },
    { "c.addi16sp", "011 n 00010 nnnnn 01",     Format::CI_16SP,  exec_addi               },
    { "c.lui",      "011 n dddDd nnnnn 01",     Format::CI_LUI,   exec_lui                },
    { "c.srli",     "100 . 00 ... ..... 01",    Format::CB_SHIFT, exec_srli               },
    { "c.srai",     "100 . 01 ... ..... 01",    Format::CB_SHIFT, exec_srai               },
    { "c.andi",     "100 . 10 ... ..... 01",    Format::CB_ANDI,  exec_andi               },
    { "c.sub",      "100 0 11 ... 00 ... 01",   Format::CA,       exec_sub                },
    { "c.xor",      "100 0 11 ... 01 ... 01",   Format::CA,       exec_xor                },
    { "c.or",       "100 0 11 ... 10 ... 01",   Format::CA,       exec_or                 },
    { "c.and",      "100 0 11 ... 11 ... 01",   Format::CA,       exec_and                },
    { "c.subw",     "100 1 11 ... 00 ... 01",   Format::CA,       exec_subw               },
    { "c.addw",     "100 1 11 ... 01 ... 01",   Format::CA,       exec_addw               },
    { "c.j",        "101 ........... 01",       Format::CJ,       exec_jal,    Flow::Ends },
    { "c.beqz",     "110 ... ... ..... 01",     Format::CB,       exec_beq,    Flow::Ends },
    { "c.bnez",     "111 ... ... ..... 01",     Format::CB,       exec_bne,    Flow::Ends },
    // quadrant 2
    { "c.slli",     "000 . ..... ..... 10",     Format::CI_SHIFT, exec_slli               },
    { "c.lwsp",     "010 . nnnnn ..... 10",     Format::CI_LWSP,  exec_lw                 },
    { "c.ldsp",     "011 . nnnnn ..... 10",     Format::CI_LDSP,  exec_ld                 },
    { "c.jr",       "100 0 nnnnn 00000 10",     Format::CR_JR,    exec_jalr,   Flow::Ends },
    { "c.mv",       "100 0 ..... nnnnn 10",     Format::CR_MV,    exec_add                },
    { "c.ebreak",   "100 1 00000 00000 10",     Format::None,     exec_ebreak, Flow::Ends },
    { "c.jalr",     "100 1 nnnnn 00000 10",     Format::CR_JALR,  exec_jalr,   Flow::Ends },
    { "c.add",      "100 1 ..... nnnnn 10",     Format::CR,       exec_add                },
    { "c.swsp",     "110 ...... ..... 10",      Format::CSS_SWSP, exec_sw                 },
    { "c.sdsp",     "111 ...... ..... 10",      Format::CSS_SDSP, exec_sd                 },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_c = { "c", rows, isa_set({ Ext::C }) };
