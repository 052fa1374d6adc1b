// SPDX-License-Identifier: MIT
/* Texts of options: "key=value,..." parsed and escaped again means the same; -dfilter. */
#include <cstdlib>
#include <string>

#include "util/log.h"
#include "util/option.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    std::string text(reinterpret_cast<const char *>(data), size);
    std::vector<QemuOpt> pairs, again;
    Error *err = nullptr;
    bool ok = opts_parse_pairs(text, "implied", &pairs, &err);
    if (ok == (err != nullptr)) abort();
    error_free(err);
    uint64_t number;
    bool flag;
    (void)parse_option_size("size", text, &number, nullptr);
    (void)parse_option_number("number", text, &number, nullptr);
    (void)parse_option_bool("bool", text, &flag, nullptr);
    (void)qemu_set_dfilter_ranges(text, nullptr);
    if (!ok) return 0;

    std::string written;
    for (const QemuOpt &pair : pairs) {
        if (pair.name.find(',') != std::string::npos) return 0; // names have no escape
        written += (written.empty() ? "" : ",") + pair.name + "=" + opts_escape(pair.value);
    }
    if (!opts_parse_pairs(written, nullptr, &again, nullptr)) abort();
    if (again.size() != pairs.size()) abort();
    for (size_t i = 0; i < pairs.size(); i++) {
        if (again[i].name != pairs[i].name || again[i].value != pairs[i].value) abort();
    }
    return 0;
}
