// SPDX-License-Identifier: MIT
/* Control and status registers.
 *
 * A register is its row: number, rights, the bits that may be written, where it is kept, and what
 * a read or a write does beyond that. Fields that take only some values (WARL) are made legal in
 * the write functions. What has no row does not exist: any access is an illegal instruction, which
 * is how firmware probes for extensions.
 * Spec:    privileged, chapters 2 (numbers), 3 (machine), 4 (supervisor)
 * Missing: mseccfg; event counters read as zero, and no trigger exists
 * In gdb:  b csr_access     p *csr_find(0x300) */
#include "hw/cpu/csr.h"

#include <array>

#include "hw/cpu/mmu.h"
#include "hw/cpu/pmp.h"
#include "hw/cpu/sstc.h"
#include "hw/cpu/trap.h"

using S = RISCVCPU;
static constexpr uint64_t ALL = ~uint64_t{ 0 };
static constexpr std::nullptr_t none = nullptr;

// --- identity

static uint64_t misa_read(const S &s, unsigned) {
    uint64_t v = uint64_t{ 2 } << 62; // MXL: 64 bits
    for (const char *p = "ISU"; *p; p++) v |= uint64_t{ 1 } << (*p - 'A');
    for (const IsaRow &row : isa_rows) {
        if (!row.name[1] && isa_has(s.isa, row.ext)) v |= uint64_t{ 1 } << (row.name[0] - 'a');
    }
    return v;
}
static uint64_t mhartid_read(const S &s, unsigned) { return s.hartid; }

// --- floating point: fcsr is frm and fflags together

static constexpr uint64_t FFLAGS = 0x1f, FRM = 7, FCSR = 0xff;
static constexpr unsigned FRM_SHIFT = 5;

// With FS off they do not exist.
static bool fp_check(const S &s, unsigned) { return s.mstatus & MSTATUS_FS; }
static uint64_t fcsr_read(const S &s, unsigned) { return s.frm << FRM_SHIFT | s.fflags; }
static void fflags_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.fflags = v;
    s.mstatus |= MSTATUS_FS; // dirty
}
static void frm_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.frm = v;
    s.mstatus |= MSTATUS_FS;
}
static void fcsr_write(S &s, unsigned csr, uint64_t v, uint64_t bits) {
    fflags_write(s, csr, v & FFLAGS, bits);
    frm_write(s, csr, v >> FRM_SHIFT, bits);
}

// --- status

static constexpr uint64_t SSTATUS =
    MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR;
static constexpr uint64_t MSTATUS = SSTATUS | MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP |
                                    MSTATUS_MPRV | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR;

// Some state is dirty: sums up FS.
static uint64_t status_sd(const S &s) {
    return (s.mstatus & MSTATUS_FS) == MSTATUS_FS ? MSTATUS_SD : 0;
}
static uint64_t mstatus_read(const S &s, unsigned) {
    return s.mstatus | MSTATUS_UXL_64 | MSTATUS_SXL_64 | status_sd(s);
}
static uint64_t sstatus_read(const S &s, unsigned) {
    return (s.mstatus & SSTATUS) | MSTATUS_UXL_64 | status_sd(s);
}
static void status_changed(S &s, uint64_t old) {
    if ((s.mstatus ^ old) & MSTATUS_MXR) mmu_flush(s);
    mmu_mode_changed(s);
    s.set_attention(ATTENTION_IRQ);
}
static void mstatus_write(S &s, unsigned, uint64_t v, uint64_t) {
    uint64_t old = s.mstatus;
    bool legal_mpp = (v & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT != 2; // there is no mode 2
    if (!legal_mpp) v = (v & ~MSTATUS_MPP) | (old & MSTATUS_MPP);
    s.mstatus = v & (isa_has(s.isa, Ext::F) ? MSTATUS : MSTATUS & ~MSTATUS_FS);
    status_changed(s, old);
}
static void sstatus_write(S &s, unsigned, uint64_t v, uint64_t) {
    uint64_t old = s.mstatus;
    mstatus_write(s, 0x300, (old & ~SSTATUS) | (v & SSTATUS), 0);
}

// --- interrupts: sie and sip are the delegated bits of mie and mip

static uint64_t mie_read(const S &s, unsigned) { return s.mie.load(); }
static uint64_t sie_read(const S &s, unsigned) { return s.mie.load() & s.mideleg; }
static void mie_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.mie = v;
    s.set_attention(ATTENTION_IRQ);
}
static void sie_write(S &s, unsigned csr, uint64_t v, uint64_t bits) {
    mie_write(s, csr, (s.mie.load() & ~s.mideleg) | (v & s.mideleg), bits);
}
static uint64_t mip_read(const S &s, unsigned) { return riscv_cpu_mip(s); }
static uint64_t sip_read(const S &s, unsigned) { return riscv_cpu_mip(s) & s.mideleg; }
// Only the bits that the instruction named: devices change others meanwhile. SEIP is the bit of
// software's; the line's own does not find its way in, whatever csrrs read (3.1.9).
static void change_mip(S &s, uint64_t v, uint64_t bits) {
    s.mip.fetch_and(~bits | v);
    s.mip.fetch_or(bits & v);
    s.set_attention(ATTENTION_IRQ);
}
static void mip_write(S &s, unsigned, uint64_t v, uint64_t bits) {
    bool sstc = s.menvcfg & ENVCFG_STCE; // then STIP is the comparison's
    change_mip(s, v, bits & MIP_S_ALL & ~(sstc ? MIP_STIP : 0));
}
static void sip_write(S &s, unsigned, uint64_t v, uint64_t bits) {
    change_mip(s, v, bits & MIP_SSIP & s.mideleg);
}
static void deleg_write(S &s, unsigned csr, uint64_t v, uint64_t) {
    (csr == 0x302 ? s.medeleg : s.mideleg) = v;
    s.set_attention(ATTENTION_IRQ);
}

// A vector's mode is 0 (direct) or 1 (vectored); a write of another leaves the mode.
static uint64_t legal_vector(uint64_t v, uint64_t old) {
    return v & 2 ? (v & ~3ull) | (old & 3) : v;
}
static void mtvec_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.mtvec = legal_vector(v, s.mtvec);
}
static void stvec_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.stvec = legal_vector(v, s.stvec);
}

// Instructions lie at multiples of two, or of four where there are no 16-bit ones (3.1.14).
static void epc_write(S &s, unsigned csr, uint64_t v, uint64_t) {
    (csr == 0x141 ? s.sepc : s.mepc) = isa_has(s.isa, Ext::C) ? v : v & ~uint64_t{ 2 };
}

// --- translation and protection

// S mode may be kept from satp: TVM.
static bool satp_check(const S &s, unsigned) {
    return s.priv != PRV_S || !(s.mstatus & MSTATUS_TVM);
}
static bool satp_mode_exists(const S &s, uint64_t mode) {
    return mode == SATP_MODE_BARE || (mode == SATP_MODE_SV39 && isa_has(s.isa, Ext::Sv39)) ||
           (mode == SATP_MODE_SV48 && isa_has(s.isa, Ext::Sv48)) ||
           (mode == SATP_MODE_SV57 && isa_has(s.isa, Ext::Sv57));
}
// A mode that does not exist makes the whole write vanish.
static void satp_write(S &s, unsigned, uint64_t v, uint64_t) {
    if (!satp_mode_exists(s, v >> SATP_MODE_SHIFT) || v == s.satp) return;
    s.satp = v;
    mmu_flush(s);
}

// pmpcfg0 holds entries 0 to 7, pmpcfg2 8 to 15; the odd ones do not exist in RV64.
static unsigned first_entry(unsigned csr) { return (csr - 0x3a0) * 4; }
static uint64_t pmpcfg_read(const S &s, unsigned csr) {
    uint64_t v = 0;
    for (unsigned n = 0; n < 8; n++) v |= uint64_t{ s.pmp[first_entry(csr) + n].cfg } << (8 * n);
    return v;
}
static void pmpcfg_write(S &s, unsigned csr, uint64_t v, uint64_t) {
    for (unsigned n = 0; n < 8; n++) {
        unsigned entry = first_entry(csr) + n;
        s.pmp[entry].cfg = pmp_cfg_legalise(s, entry, static_cast<uint8_t>(v >> (8 * n)));
    }
    pmp_update(s);
}
static uint64_t pmpaddr_read(const S &s, unsigned csr) { return s.pmp[csr - 0x3b0].addr; }
static void pmpaddr_write(S &s, unsigned csr, uint64_t v, uint64_t) {
    pmp_addr_write(s, csr - 0x3b0, v);
    pmp_update(s);
}

// --- environments

// Bits of what the hart lacks stay 0; CBIE is 0 (illegal), 1 (as a flush) or 3, and a write of 2
// leaves it.
static uint64_t legal_envcfg(const S &s, uint64_t v, uint64_t old) {
    if ((v & ENVCFG_CBIE) == ENVCFG_CBIE_RESERVED) v = (v & ~ENVCFG_CBIE) | (old & ENVCFG_CBIE);
    if (!isa_has(s.isa, Ext::Zicbom)) v &= ~(ENVCFG_CBIE | ENVCFG_CBCFE);
    if (!isa_has(s.isa, Ext::Zicboz)) v &= ~ENVCFG_CBZE;
    if (!isa_has(s.isa, Ext::Svadu)) v &= ~ENVCFG_ADUE;
    if (!isa_has(s.isa, Ext::Svpbmt)) v &= ~ENVCFG_PBMTE;
    if (!isa_has(s.isa, Ext::Sstc)) v &= ~ENVCFG_STCE;
    return v;
}
static void senvcfg_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.senvcfg = legal_envcfg(s, v, s.senvcfg);
}
static void menvcfg_write(S &s, unsigned, uint64_t v, uint64_t) {
    uint64_t old = s.menvcfg;
    s.menvcfg = legal_envcfg(s, v, old);
    if ((s.menvcfg ^ old) & (ENVCFG_ADUE | ENVCFG_PBMTE)) mmu_flush(s);
    if ((s.menvcfg ^ old) & ENVCFG_STCE) sstc_update(s);
}

// --- the supervisor's timer
static uint64_t stimecmp_read(const S &s, unsigned) { return s.stimecmp.load(); }
static void stimecmp_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.stimecmp = v;
    if (s.menvcfg & ENVCFG_STCE) sstc_update(s);
}
static bool stimecmp_check(const S &s, unsigned) {
    bool m_lets = (s.menvcfg & ENVCFG_STCE) && (s.mcounteren & COUNTER_TM);
    return isa_has(s.isa, Ext::Sstc) && (s.priv == PRV_M || m_lets);
}

// --- counters: one instruction takes one cycle

static uint64_t retired(const S &s) { return s.instret + s.block_retired; }
static uint64_t counter_read(const S &s, uint64_t offset, uint64_t inhibit) {
    return s.mcountinhibit & inhibit ? offset : offset + retired(s);
}
// The writing instruction does not count itself: the next one reads what was written (3.1.10).
static uint64_t counter_offset(const S &s, uint64_t v, uint64_t inhibit) {
    return s.mcountinhibit & inhibit ? v : v - (retired(s) + 1);
}
static uint64_t cycle_read(const S &s, unsigned) {
    return counter_read(s, s.cycle_offset, COUNTER_CY);
}
static uint64_t instret_read(const S &s, unsigned) {
    return counter_read(s, s.instret_offset, COUNTER_IR);
}
static void mcycle_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.cycle_offset = counter_offset(s, v, COUNTER_CY);
}
static void minstret_write(S &s, unsigned, uint64_t v, uint64_t) {
    s.instret_offset = counter_offset(s, v, COUNTER_IR);
}
static void inhibit_write(S &s, unsigned, uint64_t v, uint64_t) {
    uint64_t cycle = cycle_read(s, 0), instret = instret_read(s, 0);
    s.mcountinhibit = v;
    s.cycle_offset = v & COUNTER_CY ? cycle : cycle - retired(s);
    s.instret_offset = v & COUNTER_IR ? instret : instret - retired(s);
}
static uint64_t time_read(const S &s, unsigned) { return s.rdtime ? s.rdtime(s.rdtime_opaque) : 0; }
// Below M mode each counter needs leave: the machine's, and for U mode the supervisor's too.
static bool counter_check(const S &s, unsigned csr) {
    if (!isa_has(s.isa, csr < 0xc03 ? Ext::Zicntr : Ext::Zihpm)) return false;
    uint64_t bit = uint64_t{ 1 } << (csr & 31);
    bool m_lets = s.priv == PRV_M || (s.mcounteren & bit);
    bool s_lets = s.priv != PRV_U || (s.scounteren & bit);
    return m_lets && s_lets;
}

// --- triggers: the only one that can be selected does not exist (Sdtrig, tinfo)
static uint64_t tinfo_read(const S &, unsigned) { return 1; }

// --- the table

static constexpr auto RO = CsrRight::RO;
static constexpr auto RW = CsrRight::RW;
static constexpr auto U = PRV_U, V = PRV_S, M = PRV_M; // V: supervisor; S is the hart
// Exceptions 0 to 9, 12, 13 and 15: all there are but the call from M mode.
static constexpr uint64_t TO_S = 0xb3ff;
static constexpr uint64_t EPC = ~uint64_t{ 1 }; // bit 0 of an address is always 0
static constexpr uint64_t COUNTERS = 0xffffffff;
static constexpr uint64_t INHIBITS = COUNTER_CY | COUNTER_IR;
static constexpr uint64_t ENVCFG = ENVCFG_FIOM | ENVCFG_CBIE | ENVCFG_CBCFE | ENVCFG_CBZE;
static constexpr uint64_t MENVCFG = ENVCFG | ENVCFG_ADUE | ENVCFG_PBMTE | ENVCFG_STCE;
static constexpr uint64_t IRQS = MIP_ALL, S_IRQS = MIP_S_ALL;

// clang-format off
static constexpr CsrRow rows[] = {
    // number name          priv acc mask    read               write, check, count
    { 0x001, "fflags",        U, RW, FFLAGS,   &S::fflags,        fflags_write, fp_check },
    { 0x002, "frm",           U, RW, FRM,      &S::frm,           frm_write, fp_check },
    { 0x003, "fcsr",          U, RW, FCSR,     fcsr_read,         fcsr_write, fp_check },
    { 0x100, "sstatus",       V, RW, SSTATUS,  sstatus_read,      sstatus_write },
    { 0x104, "sie",           V, RW, ALL,      sie_read,          sie_write },
    { 0x105, "stvec",         V, RW, ALL,      &S::stvec,         stvec_write },
    { 0x106, "scounteren",    V, RW, COUNTERS, &S::scounteren,    none },
    { 0x10a, "senvcfg",       V, RW, ENVCFG,   &S::senvcfg,       senvcfg_write },
    { 0x140, "sscratch",      V, RW, ALL,      &S::sscratch,      none },
    { 0x141, "sepc",          V, RW, EPC,      &S::sepc,          epc_write },
    { 0x142, "scause",        V, RW, ALL,      &S::scause,        none },
    { 0x143, "stval",         V, RW, ALL,      &S::stval,         none },
    { 0x144, "sip",           V, RW, ALL,      sip_read,          sip_write },
    { 0x14d, "stimecmp",      V, RW, ALL,      stimecmp_read,     stimecmp_write, stimecmp_check },
    { 0x180, "satp",          V, RW, ALL,      &S::satp,          satp_write, satp_check },
    { 0x300, "mstatus",       M, RW, MSTATUS,  mstatus_read,      mstatus_write },
    { 0x301, "misa",          M, RW, 0,        misa_read,         none },
    { 0x302, "medeleg",       M, RW, TO_S,     &S::medeleg,       deleg_write },
    { 0x303, "mideleg",       M, RW, S_IRQS,   &S::mideleg,       deleg_write },
    { 0x304, "mie",           M, RW, IRQS,     mie_read,          mie_write },
    { 0x305, "mtvec",         M, RW, ALL,      &S::mtvec,         mtvec_write },
    { 0x306, "mcounteren",    M, RW, COUNTERS, &S::mcounteren,    none },
    { 0x30a, "menvcfg",       M, RW, MENVCFG,  &S::menvcfg,       menvcfg_write },
    { 0x320, "mcountinhibit", M, RW, INHIBITS, &S::mcountinhibit, inhibit_write },
    { 0x323, "mhpmevent3",    M, RW, 0,        none,              none, none, 29 },
    { 0x340, "mscratch",      M, RW, ALL,      &S::mscratch,      none },
    { 0x341, "mepc",          M, RW, EPC,      &S::mepc,          epc_write },
    { 0x342, "mcause",        M, RW, ALL,      &S::mcause,        none },
    { 0x343, "mtval",         M, RW, ALL,      &S::mtval,         none },
    { 0x344, "mip",           M, RW, ALL,      mip_read,          mip_write },
    { 0x3a0, "pmpcfg0",       M, RW, ALL,      pmpcfg_read,       pmpcfg_write },
    { 0x3a2, "pmpcfg2",       M, RW, ALL,      pmpcfg_read,       pmpcfg_write },
    { 0x3b0, "pmpaddr0",      M, RW, ALL,      pmpaddr_read,      pmpaddr_write, none, 16 },
    { 0x7a0, "tselect",       M, RW, 0,        none,              none },
    { 0x7a1, "tdata1",        M, RW, 0,        none,              none, none, 3 },
    { 0x7a4, "tinfo",         M, RW, 0,        tinfo_read,        none },
    { 0xb00, "mcycle",        M, RW, ALL,      cycle_read,        mcycle_write },
    { 0xb02, "minstret",      M, RW, ALL,      instret_read,      minstret_write },
    { 0xb03, "mhpmcounter3",  M, RW, 0,        none,              none, none, 29 },
    { 0xc00, "cycle",         U, RO, 0,        cycle_read,        none, counter_check },
    { 0xc01, "time",          U, RO, 0,        time_read,         none, counter_check },
    { 0xc02, "instret",       U, RO, 0,        instret_read,      none, counter_check },
    { 0xc03, "hpmcounter3",   U, RO, 0,        none,              none, counter_check, 29 },
    { 0xf11, "mvendorid",     M, RO, 0,        none,              none },
    { 0xf12, "marchid",       M, RO, 0,        none,              none },
    { 0xf13, "mimpid",        M, RO, 0,        none,              none },
    { 0xf14, "mhartid",       M, RO, 0,        mhartid_read,      none },
    { 0xf15, "mconfigptr",    M, RO, 0,        none,              none },
};
// clang-format on

// Numbers rise, and say rights and mode as 2.1 has it: bits 11:10 are 3 for read-only, bits 9:8 are
// the mode.
static constexpr bool csr_table_ok() {
    unsigned next = 0;
    for (const CsrRow &r : rows) {
        unsigned last = r.number + r.count - 1u;
        if (r.number < next || !r.count || !r.name || last > 0xfff) return false;
        if (r.priv != ((r.number >> 8) & 3) || r.right != (r.number >> 10 == 3 ? RO : RW))
            return false;
        if (r.right == RO && (r.mask || r.write)) return false;
        if (r.mask && !r.source.storage && !r.write) return false;
        next = last + 1;
    }
    return true;
}
static_assert(csr_table_ok());

// Row number plus one of each CSR number.
static constexpr auto row_of_number = [] {
    std::array<uint8_t, 4096> index{};
    for (size_t r = 0; r < std::size(rows); r++) {
        for (unsigned k = 0; k < rows[r].count; k++) {
            index[rows[r].number + k] = static_cast<uint8_t>(r + 1);
        }
    }
    return index;
}();
static_assert(std::size(rows) < 256);

std::span<const CsrRow> csr_table() { return rows; }

const CsrRow *csr_find(unsigned number) {
    uint8_t n = row_of_number[number & 0xfff];
    return n ? &rows[n - 1] : nullptr;
}

std::string csr_name(unsigned number) {
    const CsrRow *r = csr_find(number);
    if (!r) return "csr" + std::to_string(number);
    std::string name = r->name;
    if (r->count == 1) return name;
    size_t digits = name.find_first_of("0123456789");
    unsigned first = static_cast<unsigned>(std::stoul(name.substr(digits)));
    return name.substr(0, digits) + std::to_string(first + number - r->number);
}

static uint64_t read_row(const S &s, const CsrRow &r, unsigned number) {
    if (r.source.read) return r.source.read(s, number);
    return r.source.storage ? s.*(r.source.storage) : 0;
}

static void write_row(S &s, const CsrRow &r, unsigned number, uint64_t before,
                      const CsrAccess &access) {
    uint64_t bits = access.mask & r.mask;
    uint64_t after = (before & ~bits) | (access.value & bits);
    if (r.write)
        r.write(s, number, after, bits);
    else if (r.source.storage)
        s.*(r.source.storage) = after;
}

bool csr_access(S &s, unsigned number, const CsrAccess &access, uint64_t *old) {
    const CsrRow *r = csr_find(number);
    if (!r || s.priv < r->priv || (access.writes && r->right == RO)) return false;
    if (r->check && !r->check(s, number)) return false;
    uint64_t before = read_row(s, *r, number);
    if (access.reads) *old = before;
    if (access.writes) write_row(s, *r, number, before, access);
    return true;
}

bool csr_poke(S &s, unsigned number, uint64_t value) {
    const CsrRow *r = csr_find(number);
    if (!r || r->right == RO) return false;
    write_row(s, *r, number, read_row(s, *r, number), { value, ALL, true, true });
    return true;
}

uint64_t csr_peek(const S &s, unsigned number) {
    const CsrRow *r = csr_find(number);
    return r ? read_row(s, *r, number) : 0;
}
