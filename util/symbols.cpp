// SPDX-License-Identifier: MIT
/* Names of functions, from symbol tables of the program and its libraries. See util/symbols.h. */
#include "util/symbols.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include "util/error.h"

using FunctionNames = std::map<uintptr_t, std::string>;

static std::vector<uint8_t> read_file(const char *name) {
    std::vector<uint8_t> data;
    FILE *file = fopen(name, "rb");
    uint8_t buf[65536];
    for (size_t n; file && (n = fread(buf, 1, sizeof buf, file)) > 0;) {
        data.insert(data.end(), buf, buf + n);
    }
    if (file) fclose(file);
    return data;
}

// The program comes first.
static int first_object(dl_phdr_info *info, size_t, void *base) {
    *static_cast<uintptr_t *>(base) = info->dlpi_addr;
    return 1;
}

static std::string demangled(const char *symbol) {
    int status;
    char *text = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
    std::string name = status == 0 ? text : symbol;
    free(text);
    return name.substr(0, name.find('('));
}

// `base`: where the file was loaded; its symbols are relative to that.
static FunctionNames read_function_names(const char *file, uintptr_t base) {
    std::vector<uint8_t> data = read_file(file);
    if (data.size() < sizeof(Elf64_Ehdr)) return {};
    auto *header = reinterpret_cast<const Elf64_Ehdr *>(data.data());
    auto *sections = reinterpret_cast<const Elf64_Shdr *>(data.data() + header->e_shoff);
    FunctionNames names;
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB) continue;
        auto *symbols = reinterpret_cast<const Elf64_Sym *>(data.data() + sections[i].sh_offset);
        auto *strings =
            reinterpret_cast<const char *>(data.data()) + sections[sections[i].sh_link].sh_offset;
        for (size_t s = 0; s < sections[i].sh_size / sizeof(Elf64_Sym); s++) {
            if (ELF64_ST_TYPE(symbols[s].st_info) != STT_FUNC) continue;
            names[base + symbols[s].st_value] = demangled(strings + symbols[s].st_name);
        }
    }
    return names;
}

static FunctionNames read_program() {
    uintptr_t base = 0;
    dl_iterate_phdr(first_object, &base);
    return read_function_names("/proc/self/exe", base);
}

const FunctionNames &function_names() {
    static const FunctionNames names = read_program();
    return names;
}

static const FunctionNames &library_names(const Dl_info &library) {
    static std::map<const void *, FunctionNames> all;
    auto [names, is_new] = all.try_emplace(library.dli_fbase);
    if (is_new)
        names->second =
            read_function_names(library.dli_fname, reinterpret_cast<uintptr_t>(library.dli_fbase));
    return names->second;
}

std::string function_name(const void *address) {
    auto number = reinterpret_cast<uintptr_t>(address);
    Dl_info library;
    if (auto it = function_names().find(number); it != function_names().end()) return it->second;
    if (dladdr(address, &library) == 0) return format_string("%p", address);
    auto it = library_names(library).find(number);
    return it != library_names(library).end() ? it->second : format_string("%p", address);
}
