// SPDX-License-Identifier: MIT
/* Names of the program's own functions. See util/symbols.h. */
#include "util/symbols.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include "util/error.h"

static std::vector<uint8_t> read_program() {
    std::vector<uint8_t> data;
    FILE *file = fopen("/proc/self/exe", "rb");
    uint8_t buf[65536];
    for (size_t n; file && (n = fread(buf, 1, sizeof buf, file)) > 0;) {
        data.insert(data.end(), buf, buf + n);
    }
    if (file) fclose(file);
    return data;
}

// Where the program was loaded: its symbols are relative to that.
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

static std::map<uintptr_t, std::string> read_function_names() {
    std::vector<uint8_t> data = read_program();
    if (data.size() < sizeof(Elf64_Ehdr)) return {};
    uintptr_t base = 0;
    dl_iterate_phdr(first_object, &base);
    auto *header = reinterpret_cast<const Elf64_Ehdr *>(data.data());
    auto *sections = reinterpret_cast<const Elf64_Shdr *>(data.data() + header->e_shoff);
    std::map<uintptr_t, std::string> names;
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

const std::map<uintptr_t, std::string> &function_names() {
    static const std::map<uintptr_t, std::string> names = read_function_names();
    return names;
}

std::string function_name(const void *address) {
    auto it = function_names().find(reinterpret_cast<uintptr_t>(address));
    return it != function_names().end() ? it->second : format_string("%p", address);
}
