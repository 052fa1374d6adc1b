// SPDX-License-Identifier: MIT
/* Lines typed on the human monitor: the command's word, its arguments, expressions and formats. */
#include "tests/fuzz/monitor_fuzz.h"
#include "vl/monitor.h"

static FuzzChardev *chr;

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    fuzz_machine_init();
    chr = new FuzzChardev;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    NoNewFiles here;
    std::string text(reinterpret_cast<const char *>(data), size);
    Monitor mon;
    mon.chr = chr;
    for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find('\n', at), text.size());
        handle_hmp_command(&mon, text.substr(at, end - at));
        at = end + 1;
    }
    uint64_t before = chr->written;
    handle_hmp_command(&mon, "info status");
    if (chr->written == before) abort();
    fuzz_machine_rest();
    return 0;
}
