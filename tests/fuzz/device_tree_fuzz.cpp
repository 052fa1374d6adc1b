// SPDX-License-Identifier: MIT
/* A -dtb file: refused, or copied, changed and written so that libfdt finds it sound. */
#include <cstdlib>
#include <vector>

#include <libfdt.h>

#include "hw/core/device_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    std::vector<uint8_t> blob(data, data + size);
    if (!device_tree_check(blob)) return 0;
    DeviceTree dt(blob);
    if (!dt.has_node("/chosen")) dt.add_node("/chosen");
    dt.set_string("/chosen", "bootargs", "console=ttyS0");
    dt.set_u64("/chosen", "linux,initrd-start", 0x84000000);
    std::vector<uint8_t> copy = dt.blob();
    if (fdt_check_full(copy.data(), copy.size()) != 0) abort();
    return 0;
}
