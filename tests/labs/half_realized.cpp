// SPDX-License-Identifier: MIT
/* Lab: a realize that fails half-way and keeps what it took. See README.md.
 *
 * Two devices, one after the other, want one drive; the first is refused for another reason. */
#include <cstdio>

#include "block/block-backend.h"
#include "hw/core/qdev.h"
#include "util/error.h"
#include "util/module.h"

namespace half_realized {

struct LabReaderState : DeviceState {
    uint32_t heads = 0;

    [[nodiscard]] bool realize(Error **errp) override;
};
using S = LabReaderState;

bool LabReaderState::realize(Error **errp) {
    if (!blk_attach_dev(blk_by_name("d0"), this)) {
        error_setg(errp, "Drive 'd0' is already in use by another device");
        return false;
    }
    if (heads == 0) {
        error_setg(errp, "heads must be at least 1");
        return false; // the mistake: the drive is still ours
    }
    return true;
}

static constexpr Property properties[] = {
    define_prop<&S::heads>("heads", "0", "how many read at a time"),
};

static void class_init(ObjectClass *klass, const void *) {
    device_class_set_props(object_class_cast<DeviceClass>(klass), properties);
}

static const TypeInfo info = {
    .name = "lab-reader",
    .parent = TYPE_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};

static void reader_register_types() { type_register_static(&info); }

type_init(reader_register_types)

static bool plug_in(const char *id, uint32_t heads) {
    DeviceState *dev = qdev_new("lab-reader");
    qdev_prop_set_uint32(dev, "heads", heads);
    Error *err = nullptr;
    bool ok = qdev_realize(dev, nullptr, &err);
    fprintf(stderr, "%s: %s\n", id, ok ? "plugged in" : error_get_pretty(err));
    if (!ok) error_free(err);
    object_unref(dev);
    return ok;
}

} // namespace half_realized

int main() {
    module_call_init(MODULE_INIT_QOM);
    if (!monitor_add_blk(blk_new(), "d0", &error_fatal)) return 1;
    (void)half_realized::plug_in("first", 0);
    return half_realized::plug_in("second", 2) ? 0 : 1;
}
