// SPDX-License-Identifier: MIT
/* -blockdev: JSON or key=value, held against the rows of every driver that is built in. What suits
 * them is a flat list of options without the members' nesting. */
#include <nlohmann/json.hpp>

#include "block/block_int.h"
#include "tests/fuzz/block_memory.h"
#include "util/error.h"
#include "util/keyval.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    std::string text(reinterpret_cast<const char *>(data), size);
    bool is_json = text.starts_with('{');
    nlohmann::json node;
    Error *err = nullptr;
    if (is_json) {
        node = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
        if (!node.is_object()) return 0;
    } else {
        bool ok = keyval_parse(text, "driver", &node, &err);
        if (ok != (err == nullptr)) abort(); // exactly one of the two
        error_free(err);
        if (!ok) return 0;
    }
    BlockOptions options;
    err = nullptr;
    bool ok = visit_blockdev_options(node, !is_json, &options, &err);
    if (ok != (err == nullptr)) abort();
    if (ok && !options.contains("driver")) abort();
    error_free(err);
    return 0;
}
