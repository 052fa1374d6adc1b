// SPDX-License-Identifier: MIT
/* The walk over the flattened device tree: header, tokens, nodes, properties. */
#include "hw/rom/fdt.h"

enum { FDT_MAGIC = 0xd00dfeed, FDT_VERSION = 17 };
enum Header { TOTAL = 4, STRUCTS = 8, STRINGS = 12, VERSION = 20 };
enum { STRINGS_SIZE = 32, STRUCTS_SIZE = 36 };
enum Token { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };

struct Property {
    const char *name;
    const uint8_t *value;
    uint32_t length;
};

static uint32_t be32(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

bool fdt_open(struct Fdt *fdt, uint64_t address) {
    const uint8_t *blob = (const uint8_t *)address;
    if (address == 0 || address % 8 != 0 || be32(blob) != (uint32_t)FDT_MAGIC) return false;

    uint32_t total = be32(blob + TOTAL), structs = be32(blob + STRUCTS);
    uint32_t strings = be32(blob + STRINGS);
    fdt->blob = (struct Region){ address, total };
    fdt->structs = blob + structs;
    fdt->structs_size = be32(blob + STRUCTS_SIZE) & ~3u;
    fdt->strings = (const char *)blob + strings;
    fdt->strings_size = be32(blob + STRINGS_SIZE);

    // with a NUL at the end of the strings, each name in there has an end as well
    return be32(blob + VERSION) >= FDT_VERSION && total <= FDT_MAX_SIZE && structs % 4 == 0 &&
           (uint64_t)structs + fdt->structs_size <= total && fdt->strings_size > 0 &&
           (uint64_t)strings + fdt->strings_size <= total &&
           fdt->strings[fdt->strings_size - 1] == '\0';
}

// --- tokens

// Takes one word; past the end of the block there are only END tokens.
static uint32_t take(const struct Fdt *fdt, uint32_t *at) {
    if (*at >= fdt->structs_size) return END;
    *at += 4;
    return be32(fdt->structs + *at - 4);
}

static bool take_property(const struct Fdt *fdt, uint32_t *at, struct Property *prop) {
    prop->length = take(fdt, at);
    uint32_t name = take(fdt, at);
    if (name >= fdt->strings_size || prop->length > fdt->structs_size - *at) return false;
    prop->name = fdt->strings + name;
    prop->value = fdt->structs + *at;
    *at += (prop->length + 3) & ~3u;
    return true;
}

// The properties of a node stand before its children: the first other token ends them.
static bool next_property(const struct Fdt *fdt, uint32_t *at, struct Property *prop) {
    uint32_t token;
    do token = take(fdt, at);
    while (token == NOP);
    return token == PROP && take_property(fdt, at, prop);
}

// --- nodes

static bool enter(const struct Fdt *fdt, struct FdtNode *node, uint32_t at) {
    if (node->depth == FDT_DEPTH) return false;
    const char *name = (const char *)fdt->structs + at;
    do
        if (at >= fdt->structs_size) return false;
    while (fdt->structs[at++] != '\0');

    node->name = name;
    node->props = (at + 3) & ~3u;
    node->depth++;
    node->cells[node->depth].address = 2;
    node->cells[node->depth].size = 1;
    uint32_t length;
    if (fdt_prop(fdt, node, "#address-cells", &length))
        node->cells[node->depth].address = fdt_u32(fdt, node, "#address-cells");
    if (fdt_prop(fdt, node, "#size-cells", &length))
        node->cells[node->depth].size = fdt_u32(fdt, node, "#size-cells");
    return true;
}

bool fdt_next(const struct Fdt *fdt, struct FdtNode *node) {
    struct Property skipped;
    uint32_t at = node->props;
    for (;;) {
        switch (take(fdt, &at)) {
        case NOP: break;
        case BEGIN_NODE: return enter(fdt, node, at);
        case PROP:
            if (!take_property(fdt, &at, &skipped)) return false;
            break;
        case END_NODE:
            if (node->depth == 0) return false;
            node->depth--;
            break;
        default: return false;
        }
    }
}

// --- properties

const uint8_t *fdt_prop(const struct Fdt *fdt, const struct FdtNode *node, const char *name,
                        uint32_t *length) {
    struct Property prop;
    for (uint32_t at = node->props; next_property(fdt, &at, &prop);) {
        if (strcmp(prop.name, name) != 0) continue;
        *length = prop.length;
        return prop.value;
    }
    return NULL;
}

const char *fdt_string(const struct Fdt *fdt, const struct FdtNode *node, const char *name) {
    uint32_t length;
    const uint8_t *value = fdt_prop(fdt, node, name, &length);
    return value && length > 0 && value[length - 1] == '\0' ? (const char *)value : NULL;
}

uint32_t fdt_u32(const struct Fdt *fdt, const struct FdtNode *node, const char *name) {
    uint32_t length;
    const uint8_t *value = fdt_prop(fdt, node, name, &length);
    return value && length >= 4 ? be32(value) : 0;
}

static uint64_t cells(const uint8_t *value, uint32_t count) {
    return count == 2 ? (uint64_t)be32(value) << 32 | be32(value + 4) : be32(value);
}

bool fdt_reg(const struct Fdt *fdt, const struct FdtNode *node, struct Region *region) {
    uint32_t length, address = node->cells[node->depth - 1].address;
    uint32_t size = node->cells[node->depth - 1].size;
    const uint8_t *value = fdt_prop(fdt, node, "reg", &length);
    if (!value || address - 1 > 1 || size - 1 > 1 || length < 4 * (address + size)) return false;
    region->base = cells(value, address);
    region->size = cells(value + 4 * address, size);
    return region->base + region->size >= region->base;
}

bool fdt_compatible(const struct Fdt *fdt, const struct FdtNode *node, const char *wanted) {
    uint32_t length;
    const char *list = (const char *)fdt_prop(fdt, node, "compatible", &length);
    if (!list || length == 0 || list[length - 1] != '\0') return false;
    for (const char *end = list + length; list < end;) {
        if (strcmp(list, wanted) == 0) return true;
        while (*list++ != '\0');
    }
    return false;
}
