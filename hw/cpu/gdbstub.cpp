// SPDX-License-Identifier: MIT
/* The hart as gdb sees it: the target description, registers by number, addresses.
 *
 * The numbers are gdb's own: x registers from 0, pc 32, f registers from 33, CSR n is 65 + n, and
 * behind them the mode.
 * Spec:   Debugging with GDB, G.5.13 (RISC-V Features)
 * In gdb: b RISCVCPU::gdb_read_register     (of the guest) info registers csr */
#include "hw/cpu/csr.h"
#include "hw/cpu/mmu.h"
#include "util/error.h"

namespace riscv_gdb {

static constexpr unsigned FIRST_X = 0, PC = 32, FIRST_F = 33, FIRST_CSR = 65, NUM_CSRS = 4096;
static constexpr unsigned PRIV = FIRST_CSR + NUM_CSRS;

// --- the target description

static std::string reg(const std::string &name, unsigned number, const char *type) {
    return format_string("<reg name=\"%s\" bitsize=\"64\" type=\"%s\" regnum=\"%u\"/>",
                         name.c_str(), type, number);
}

static std::string feature(const char *name, const std::string &registers) {
    return format_string("<feature name=\"org.gnu.gdb.riscv.%s\">", name) + registers +
           "</feature>";
}

static const char *integer_type(unsigned n) {
    constexpr unsigned RA = 1, SP = 2, GP = 3, TP = 4, FP = 8;
    if (n == RA) return "code_ptr";
    return n == SP || n == GP || n == TP || n == FP ? "data_ptr" : "int";
}

static std::string cpu_feature() {
    std::string text;
    for (unsigned n = 0; n < 32; n++) text += reg(riscv_reg_names[n], FIRST_X + n, integer_type(n));
    return feature("cpu", text + reg("pc", PC, "code_ptr"));
}

static std::string fpu_feature(const RISCVCPU &cpu) {
    if (!isa_has(cpu.isa, Ext::D)) return "";
    std::string text;
    for (unsigned n = 0; n < 32; n++) text += reg(riscv_freg_names[n], FIRST_F + n, "ieee_double");
    return feature("fpu", text);
}

static bool has_csr(const RISCVCPU &cpu, unsigned number) {
    constexpr unsigned LAST_OF_FP = 3;
    return csr_find(number) && (number > LAST_OF_FP || isa_has(cpu.isa, Ext::F));
}

static std::string csr_feature(const RISCVCPU &cpu) {
    std::string text;
    for (unsigned n = 0; n < NUM_CSRS; n++) {
        if (has_csr(cpu, n)) text += reg(csr_name(n), FIRST_CSR + n, "int");
    }
    return feature("csr", text);
}

// --- registers

static bool write_mode(RISCVCPU &cpu, uint64_t value) {
    if (value != PRV_U && value != PRV_S && value != PRV_M) return false;
    cpu.priv = static_cast<Priv>(value);
    mmu_mode_changed(cpu);
    return true;
}

// The register's place, if it is but a place.
static uint64_t *storage(RISCVCPU &cpu, unsigned n) {
    if (n < PC) return &cpu.x[n];
    if (n == PC) return &cpu.pc;
    bool floating = n >= FIRST_F && n < FIRST_CSR && isa_has(cpu.isa, Ext::F);
    return floating ? &cpu.f[n - FIRST_F] : nullptr;
}

static bool is_csr(const RISCVCPU &cpu, unsigned n) {
    return n >= FIRST_CSR && n < PRIV && has_csr(cpu, n - FIRST_CSR);
}

} // namespace riscv_gdb

std::string RISCVCPU::gdb_target_description() {
    using namespace riscv_gdb;
    return "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
           "<target version=\"1.0\"><architecture>riscv:rv64</architecture>" +
           cpu_feature() + fpu_feature(*this) + csr_feature(*this) +
           feature("virtual", reg("priv", PRIV, "int")) + "</target>";
}

unsigned RISCVCPU::gdb_num_core_regs() { return riscv_gdb::PC + 1; }

bool RISCVCPU::gdb_read_register(unsigned n, uint64_t *value) {
    using namespace riscv_gdb;
    block_retired = 0; // no block runs: counters are `instret` alone
    if (const uint64_t *place = storage(*this, n))
        *value = *place;
    else if (is_csr(*this, n))
        *value = csr_peek(*this, n - FIRST_CSR);
    else if (n == PRIV)
        *value = priv;
    else
        return false;
    return true;
}

bool RISCVCPU::gdb_write_register(unsigned n, uint64_t value) {
    using namespace riscv_gdb;
    block_retired = 0;
    if (is_csr(*this, n)) return csr_poke(*this, n - FIRST_CSR, value);
    if (n == PRIV) return write_mode(*this, value);
    if (n == FIRST_X) return true; // zero stays zero
    if (n == PC) {
        set_pc(value);
        return true;
    }
    uint64_t *place = storage(*this, n);
    if (place) *place = value;
    return place != nullptr;
}

// A hart that slept runs from there.
void RISCVCPU::set_pc(uint64_t address) {
    pc = address & ~uint64_t{ 1 };
    halted = false;
}

bool RISCVCPU::debug_translate(uint64_t va, hwaddr *pa) {
    return mmu_translate_debug(*this, va, pa);
}
