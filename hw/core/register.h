// SPDX-License-Identifier: MIT
/* Register tables: a device's registers as the rows of its data sheet.
 *
 *     static constexpr Register<S> regs[] = {
 *         // offset name           acc reset storage         on read        on write
 *         { 0x00, "TIME_LOW",      RO, 0,  none,             time_low_read, none          },
 *         { 0x10, "IRQ_ENABLED",   RW, 0,  &S::irq_enabled,  none,          enabled_write },
 *     };
 *     static_assert(register_table_ok<S>(regs));
 *
 * A read gives on_read's value, else the storage; a write stores, or is left to on_write. Widths
 * and rights are declared here and enforced by the bus: handlers never check them. A register that
 * the table lacks, a read of a write-only or a write of a read-only one is the guest's mistake:
 * one line under -d guest_errors, reads give 0, writes do nothing.
 *
 * The same rows make reset (register_reset) and tests/device's walk. */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

#include "hw/core/memory.h"
#include "hw/core/trace.h"
#include "util/log.h"

enum RegisterAccess : uint8_t { RO = 1, WO = 2, RW = 3 };
inline constexpr std::nullptr_t none = nullptr;

template <typename S>
struct Register {
    uint32_t offset;
    const char *name;
    RegisterAccess access;
    uint32_t reset;
    uint32_t S::*storage;
    uint32_t (*on_read)(S &s);
    void (*on_write)(S &s, uint32_t value);
};

// Offsets rise, names are set, something answers each right.
template <typename S>
constexpr bool register_table_ok(std::span<const Register<S>> rows) {
    for (size_t i = 0; i < rows.size(); i++) {
        const Register<S> &r = rows[i];
        if (i && rows[i - 1].offset >= r.offset) return false;
        if (!r.name) return false;
        if ((r.access & RO) && !r.on_read && !r.storage) return false;
        if ((r.access & WO) && !r.on_write && !r.storage) return false;
    }
    return true;
}
template <typename S, size_t N>
constexpr bool register_table_ok(const Register<S> (&rows)[N]) {
    return register_table_ok(std::span<const Register<S>>(rows));
}

// The row at `offset`, or nullptr.
template <typename S>
constexpr const Register<S> *register_find(std::span<const Register<S>> rows, hwaddr offset) {
    size_t lo = 0, hi = rows.size();
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (rows[mid].offset < offset)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < rows.size() && rows[lo].offset == offset ? &rows[lo] : nullptr;
}

// One line, "<device>: <what> of <register> at offset 0x.." under -d guest_errors.
void register_log_bad_access(const char *device, const char *name, hwaddr offset, bool is_write);

template <typename S>
MemTxResult register_read(S &s, const char *device, std::span<const Register<S>> rows, hwaddr addr,
                          uint64_t *value) {
    const Register<S> *r = register_find(rows, addr);
    *value = 0;
    if (!r || !(r->access & RO)) {
        register_log_bad_access(device, r ? r->name : nullptr, addr, false);
    } else {
        *value = r->on_read ? r->on_read(s) : s.*(r->storage);
        trace_register_read(device, r->name, *value);
    }
    return MEMTX_OK;
}

template <typename S>
MemTxResult register_write(S &s, const char *device, std::span<const Register<S>> rows, hwaddr addr,
                           uint64_t value) {
    const Register<S> *r = register_find(rows, addr);
    if (r) trace_register_write(device, r->name, value);
    if (!r || !(r->access & WO)) {
        register_log_bad_access(device, r ? r->name : nullptr, addr, true);
    } else if (r->on_write) {
        r->on_write(s, static_cast<uint32_t>(value));
    } else {
        s.*(r->storage) = static_cast<uint32_t>(value);
    }
    return MEMTX_OK;
}

// The callbacks of a block of registers that is the whole region. `table` is the constexpr array,
// `width` the access width in bytes the data sheet allows.
template <typename S, const auto &table>
struct RegisterOps {
    static MemTxResult read(void *opaque, hwaddr addr, uint64_t *value, unsigned) {
        S &s = *static_cast<S *>(opaque);
        return register_read<S>(s, object_get_typename(&s), table, addr, value);
    }
    static MemTxResult write(void *opaque, hwaddr addr, uint64_t value, unsigned) {
        S &s = *static_cast<S *>(opaque);
        return register_write<S>(s, object_get_typename(&s), table, addr, value);
    }
};

// A table as others see it: without the device's C++ type. Found at MemoryRegionOps::registers.
struct RegisterName {
    uint32_t offset;
    const char *name;
    RegisterAccess access;
    uint32_t reset;
    bool plain_read;  // a read gives the storage
    bool plain_write; // a write only changes the storage
};
struct RegisterNames {
    const RegisterName *rows;
    size_t count;
};
template <typename S, const auto &table>
constexpr auto register_make_names() {
    std::array<RegisterName, std::size(table)> names{};
    for (size_t i = 0; i < names.size(); i++) {
        const Register<S> &r = table[i];
        names[i] = { r.offset, r.name, r.access, r.reset, r.on_read == none, r.on_write == none };
    }
    return names;
}
template <typename S, const auto &table>
inline constexpr auto register_name_rows = register_make_names<S, table>();
template <typename S, const auto &table>
inline constexpr RegisterNames register_names = { register_name_rows<S, table>.data(),
                                                  register_name_rows<S, table>.size() };

template <typename S, const auto &table, unsigned width>
inline constexpr MemoryRegionOps register_ops = { RegisterOps<S, table>::read,
                                                  RegisterOps<S, table>::write, width, width,
                                                  &register_names<S, table> };

// Gives every register with a storage its reset value.
template <typename S>
void register_reset(S &s, std::span<const Register<S>> rows) {
    for (const Register<S> &r : rows) {
        if (r.storage) s.*(r.storage) = r.reset;
    }
}
