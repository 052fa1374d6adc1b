// SPDX-License-Identifier: MIT
/* Keys typed into the human monitor's line, with history and completion. No command runs. */
#include "tests/fuzz/monitor_fuzz.h"
#include "vl/hmp-complete.h"
#include "vl/line-editor.h"

static void print(void *, const std::string &) {}

static std::vector<std::string> complete(void *, const std::string &line) {
    return hmp_complete(line);
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    fuzz_machine_init();
    return 0;
}

// Whatever has been typed: a new line is what its keys say.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static LineEditor editor({ "(vl) ", print, complete, nullptr });
    NoNewFiles here;
    editor.start();
    for (size_t i = 0; i < size; i++) {
        if (editor.feed(data[i])) editor.start();
    }
    editor.stop();
    editor.start();
    std::optional<std::string> line;
    for (char c : std::string("info status\n")) line = editor.feed(static_cast<uint8_t>(c));
    if (line != "info status") abort();
    return 0;
}
