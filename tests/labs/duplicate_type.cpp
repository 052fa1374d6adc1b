// SPDX-License-Identifier: MIT
/* Lab: a second type with the name of one that vl has. See README.md. */
#include "hw/core/qdev.h"
#include "util/module.h"

namespace duplicate_type {

static const TypeInfo info = {
    .name = "toy-fb",
    .parent = TYPE_DEVICE,
    .instance_new = object_instance_new<DeviceState>,
};

static void duplicate_register_types() { type_register_static(&info); }

type_init(duplicate_register_types)

} // namespace duplicate_type
