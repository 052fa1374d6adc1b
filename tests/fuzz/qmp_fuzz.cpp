// SPDX-License-Identifier: MIT
/* What comes from a QMP client, from the first byte on. Whatever it was, a client that begins anew
 * is greeted and answered. */
#include "tests/fuzz/monitor_fuzz.h"
#include "vl/qmp.h"

static FuzzChardev *chr;

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    fuzz_machine_init();
    chr = new FuzzChardev;
    monitor_init_qmp(chr, /*pretty=*/false);
    return 0;
}

static uint64_t answer_to(const std::string &text) {
    uint64_t before = chr->written;
    chr->give(text);
    return chr->written - before;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    NoNewFiles here;
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    chr->give("{\"execute\":\"qmp_capabilities\"}");
    chr->give(std::string(reinterpret_cast<const char *>(data), size));
    // 0xff ends what is half said; then there is an answer
    (void)answer_to("\xff");
    if (answer_to("{\"execute\":\"query-name\"}") == 0) abort();
    qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    fuzz_machine_rest();
    return 0;
}
