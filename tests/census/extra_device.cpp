// SPDX-License-Identifier: MIT
/* A device that vl does not have: this file is all there is of it. extra_device.py looks for it in
 * the lists, creates it and breaks it. */
#include "hw/core/qdev.h"
#include "util/error.h"
#include "util/module.h"

namespace extra_device {

struct ToyExtraState : DeviceState {
    uint32_t answer = 0;

    [[nodiscard]] bool realize(Error **errp) override;
};
using S = ToyExtraState;

bool ToyExtraState::realize(Error **errp) {
    if (answer <= 100) return true;
    error_setg(errp, "the answer is at most 100, not %u", answer);
    return false;
}

static const Property props[] = {
    define_prop<&S::answer>("answer", "42", "what it knows"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "a device from one file";
    dc->category = DEVICE_CATEGORY_MISC;
    device_class_set_props(dc, props);
}

static const TypeInfo info = {
    .name = "toy-extra",
    .parent = TYPE_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};

static void register_types() { type_register_static(&info); }

type_init(register_types)

} // namespace extra_device
