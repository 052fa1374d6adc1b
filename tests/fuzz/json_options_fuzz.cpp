// SPDX-License-Identifier: MIT
/* Options written as a JSON object, as -blockdev and json: file names have them; what is read goes
 * to the opening of a node whose image is in memory. */
#include <nlohmann/json.hpp>

#include "tests/fuzz/block_memory.h"
#include "util/error.h"
#include "util/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    memory_image.assign(1 << 16, 0);
    std::string text(reinterpret_cast<const char *>(data), size);
    nlohmann::json object;
    Error *err = nullptr;
    bool ok = qobject_from_json(text, &object, &err);
    if (ok == (err != nullptr)) abort(); // exactly one of the two
    error_free(err);
    err = nullptr;
    if (!ok || !object.is_object()) return 0;

    BlockOptions options;
    for (const auto &[name, value] : qobject_flatten(object)) {
        if (!name.starts_with("file")) options[name] = value; // no file of the host
    }
    options["driver"] = "raw";
    options["file.driver"] = "memory";
    BlockDriverState *bs = bdrv_open(nullptr, nullptr, options, BDRV_O_RDWR, &err);
    if (!bs == !err) abort();
    error_free(err);
    if (bs) bdrv_unref(bs);
    if (!bdrv_all_nodes().empty()) abort();
    return 0;
}
