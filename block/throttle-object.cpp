// SPDX-License-Identifier: MIT
/* Object `throttle-group`: limits that have a name of their own, for nodes of the filter `throttle`
 * and for drives.
 *
 *     -object throttle-group,id=tg0,x-iops-total=100
 *     -object '{"qom-type": "throttle-group", "id": "tg0", "limits": {"iops-total": 100}}'
 *
 * A limit is the property x-NAME, which is set before the object is there, and a member of the
 * property `limits`, which changes them at any time: what it does not name stays as it is.
 *
 * In gdb: b throttle_object::limits_set     p *group */
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <nlohmann/json.hpp>

#include "block/throttle.h"
#include "qom/object_interfaces.h"
#include "util/error.h"
#include "util/module.h"

#define TYPE_THROTTLE_GROUP "throttle-group"

namespace throttle_object {

using nlohmann::json;

struct ThrottleGroupObject : UserCreatable {
    std::shared_ptr<ThrottleGroup> group; // null: not complete
    ThrottleConfig initial;               // until then

    const ThrottleConfig &config() const {
        return group ? throttle_group_config(group.get()) : initial;
    }
    bool in_use() const override { return group && throttle_group_in_use(group.get()); }
    bool complete(Error **errp) override;
};

static ThrottleGroupObject *cast(Object *obj) {
    return object_cast<ThrottleGroupObject>(obj, TYPE_THROTTLE_GROUP);
}

bool ThrottleGroupObject::complete(Error **errp) {
    if (!throttle_is_valid(initial, errp)) return false;
    group = throttle_group_new(object_get_canonical_path_component(this), initial, errp);
    return group != nullptr;
}

// --- x-NAME

// False: it is the number of seconds of a burst, and too large.
static bool length_fits(const ThrottleOption &option, int64_t value) {
    return option.value != &LeakyBucketLimit::burst_length || value <= UINT32_MAX;
}

static bool number_get(Object *obj, const ObjectProperty &prop, std::string *text, Error **) {
    ThrottleConfig config = cast(obj)->config();
    *text = std::to_string(static_cast<const ThrottleOption *>(prop.opaque)->of(&config));
    return true;
}

static bool number_set(Object *obj, const ObjectProperty &prop, const std::string &text,
                       Error **errp) {
    const auto *option = static_cast<const ThrottleOption *>(prop.opaque);
    if (cast(obj)->group) {
        error_setg(errp, "Property cannot be set after initialization");
        return false;
    }
    char *end = nullptr;
    errno = 0;
    int64_t value = strtoll(text.c_str(), &end, 0);
    bool is_number = !text.empty() && *end == '\0' && errno == 0;
    if (!is_number) {
        error_setg(errp, "Parameter '%s' expects an int64 value", prop.name.c_str());
    } else if (value < 0) {
        error_setg(errp, "Property values cannot be negative");
    } else if (!length_fits(*option, value)) { // QEMU's words, letter by letter
        error_setg(errp, "%s value must be in therange [0, %u]", prop.name.c_str(), UINT32_MAX);
    } else {
        option->of(&cast(obj)->initial) = static_cast<uint64_t>(value);
        return true;
    }
    return false;
}

// --- limits

static bool limits_get(Object *obj, const ObjectProperty &, std::string *text, Error **) {
    ThrottleConfig config = cast(obj)->config();
    json limits;
    for (const ThrottleOption &option : throttle_options) limits[option.name] = option.of(&config);
    *text = limits.dump();
    return true;
}

// A negative number becomes one that is too large.
static bool take_limit(const ThrottleOption &option, const json &value, ThrottleConfig *config,
                       Error **errp) {
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<int64_t>() < 0)) {
        error_setg(errp, "Invalid parameter type for 'limits.%s', expected: integer", option.name);
        return false;
    }
    if (!length_fits(option, value.get<int64_t>())) {
        error_setg(errp, "%s value must be in the range [0, %u]", option.name, UINT32_MAX);
        return false;
    }
    option.of(config) = value.get<uint64_t>();
    return true;
}

static bool has_option(const std::string &name, Error **errp) {
    for (const ThrottleOption &option : throttle_options) {
        if (name == option.name) return true;
    }
    error_setg(errp, "Parameter 'limits.%s' is unexpected", name.c_str());
    return false;
}

static bool take_limits(const json &limits, ThrottleConfig *config, Error **errp) {
    if (!limits.is_object()) {
        error_setg(errp, "Invalid parameter type for 'limits', expected: object");
        return false;
    }
    for (const ThrottleOption &option : throttle_options) {
        auto it = limits.find(option.name);
        if (it != limits.end() && !take_limit(option, *it, config, errp)) return false;
    }
    for (const auto &item : limits.items()) {
        if (!has_option(item.key(), errp)) return false;
    }
    return true;
}

static bool limits_set(Object *obj, const ObjectProperty &, const std::string &text, Error **errp) {
    ThrottleGroupObject *self = cast(obj);
    ThrottleConfig config = self->config();
    json limits = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!take_limits(limits, &config, errp) || !throttle_is_valid(config, errp)) return false;
    if (self->group)
        throttle_group_set_config(self->group.get(), config);
    else
        self->initial = config;
    return true;
}

// --- registration

static void class_init(ObjectClass *klass, const void *) {
    for (const ThrottleOption &option : throttle_options) {
        object_class_property_add(klass, { .name = std::string("x-") + option.name,
                                           .type = "int",
                                           .description = {},
                                           .default_value = {},
                                           .get = number_get,
                                           .set = number_set,
                                           .opaque = &option });
    }
    object_class_property_add(klass, { .name = "limits",
                                       .type = "ThrottleLimits",
                                       .description = {},
                                       .default_value = {},
                                       .get = limits_get,
                                       .set = limits_set,
                                       .is_struct = true });
}

static const TypeInfo throttle_group_info = {
    .name = TYPE_THROTTLE_GROUP,
    .parent = TYPE_USER_CREATABLE,
    .instance_new = object_instance_new<ThrottleGroupObject>,
    .class_init = class_init,
};

static void throttle_group_register_types() { type_register_static(&throttle_group_info); }

type_init(throttle_group_register_types)

} // namespace throttle_object
