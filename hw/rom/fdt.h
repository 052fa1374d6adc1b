// SPDX-License-Identifier: MIT
/* A read-only walk over a flattened device tree. No offset or length in the tree is trusted: a
 * wrong one ends the walk, as if the tree ended there.
 * Spec: Devicetree Specification 0.4, chapter 5 */
#pragma once
#include "hw/rom/lib.h"

enum { FDT_DEPTH = 8, FDT_MAX_SIZE = 1 << 20 };

struct Region {
    uint64_t base, size;
};

struct Fdt {
    struct Region blob;
    const uint8_t *structs;
    const char *strings;
    uint32_t structs_size, strings_size;
};

struct FdtNode {
    const char *name;
    int depth;      // the root has 1; 0 means that the walk has not begun
    uint32_t props; // where the node's properties begin in the structure block
    struct {
        uint32_t address, size; // #address-cells and #size-cells, for the children
    } cells[FDT_DEPTH + 1];
};

// False if there is no usable tree at the address.
bool fdt_open(struct Fdt *fdt, uint64_t address);

// Steps to the next node in tree order; begin with a node of zeroes.
bool fdt_next(const struct Fdt *fdt, struct FdtNode *node);

// The value of a property, or NULL.
const uint8_t *fdt_prop(const struct Fdt *fdt, const struct FdtNode *node, const char *name,
                        uint32_t *length);
const char *fdt_string(const struct Fdt *fdt, const struct FdtNode *node, const char *name);
uint32_t fdt_u32(const struct Fdt *fdt, const struct FdtNode *node, const char *name);

// The first pair of "reg". Buses are taken to map one to one ("ranges" empty), as /soc does.
bool fdt_reg(const struct Fdt *fdt, const struct FdtNode *node, struct Region *region);
bool fdt_compatible(const struct Fdt *fdt, const struct FdtNode *node, const char *wanted);
