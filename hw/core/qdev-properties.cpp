// SPDX-License-Identifier: MIT
/* Properties declared as rows: fields of a device as text, their defaults, and -global. */
#include <bit>
#include <cinttypes>
#include <limits>

#include "hw/core/qdev.h"
#include "util/error.h"
#include "util/option.h"

// --- fields as text

static bool bool_get(DeviceState *, void *field, std::string *value) {
    *value = *static_cast<bool *>(field) ? "true" : "false";
    return true;
}

static bool bool_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                     Error **errp) {
    if (value == "on" || value == "true" || value == "yes") {
        *static_cast<bool *>(field) = true;
    } else if (value == "off" || value == "false" || value == "no") {
        *static_cast<bool *>(field) = false;
    } else {
        error_setg(errp, "Parameter '%s.%s' expects 'on' or 'off'", object_get_typename(dev), name);
        return false;
    }
    return true;
}

template <typename T>
static bool integer_get(DeviceState *, void *field, std::string *value) {
    *value = std::to_string(*static_cast<T *>(field));
    return true;
}

template <typename T>
static bool integer_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                        Error **errp) {
    using Limits = std::numeric_limits<T>;
    bool negative = !value.empty() && value[0] == '-';
    uint64_t magnitude;
    if (!parse_option_number(name, value.substr(negative), &magnitude, nullptr)) {
        error_setg(errp, "Parameter '%s.%s' expects a number", object_get_typename(dev), name);
        return false;
    }
    uint64_t limit = negative ? (Limits::is_signed ? uint64_t{ 1 } << (sizeof(T) * 8 - 1) : 0)
                              : static_cast<uint64_t>(Limits::max());
    if (magnitude > limit) {
        error_setg(errp, "Property %s.%s doesn't take value %s (minimum: %s, maximum: %s)",
                   object_get_typename(dev), name, value.c_str(),
                   std::to_string(Limits::min()).c_str(), std::to_string(Limits::max()).c_str());
        return false;
    }
    *static_cast<T *>(field) = static_cast<T>(negative ? 0 - magnitude : magnitude);
    return true;
}

static bool size32_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                       Error **errp) {
    uint64_t size;
    if (!parse_option_size(name, value, &size, nullptr)) {
        error_setg(errp, "Parameter '%s' expects size", name);
        return false;
    }
    if (size > UINT32_MAX) {
        error_setg(errp, "Property %s.%s doesn't take value %" PRIu64 " (maximum: %u)",
                   object_get_typename(dev), name, size, UINT32_MAX);
        return false;
    }
    *static_cast<uint32_t *>(field) = static_cast<uint32_t>(size);
    return true;
}

// What QEMU says of a wrong one has the device's id in it, where others have its type.
static bool blocksize_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                          Error **errp) {
    static constexpr uint32_t min = 512, max = 2 << 20;
    uint32_t size;
    if (!size32_set(dev, &size, name, value, errp)) return false;
    if (size != 0 && (size < min || size > max)) {
        error_setg(errp, "Property %s.%s doesn't take value %u (minimum: %u, maximum: %u)",
                   dev->id.c_str(), name, size, min, max);
        return false;
    }
    if (size != 0 && !std::has_single_bit(size)) {
        error_setg(errp, "Property %s.%s doesn't take value '%u', it's not a power of 2",
                   dev->id.c_str(), name, size);
        return false;
    }
    *static_cast<uint32_t *>(field) = size;
    return true;
}

static bool string_get(DeviceState *, void *field, std::string *value) {
    *value = *static_cast<std::string *>(field);
    return true;
}

static bool string_set(DeviceState *, void *field, const char *, const std::string &value,
                       Error **) {
    *static_cast<std::string *>(field) = value;
    return true;
}

const PropertyInfo qdev_prop_bool = { "bool", "on/off", bool_get, bool_set };
const PropertyInfo qdev_prop_uint8 = { "uint8", nullptr, integer_get<uint8_t>,
                                       integer_set<uint8_t> };
const PropertyInfo qdev_prop_uint16 = { "uint16", nullptr, integer_get<uint16_t>,
                                        integer_set<uint16_t> };
const PropertyInfo qdev_prop_uint32 = { "uint32", nullptr, integer_get<uint32_t>,
                                        integer_set<uint32_t> };
const PropertyInfo qdev_prop_uint64 = { "uint64", nullptr, integer_get<uint64_t>,
                                        integer_set<uint64_t> };
const PropertyInfo qdev_prop_int32 = { "int32", nullptr, integer_get<int32_t>,
                                       integer_set<int32_t> };
const PropertyInfo qdev_prop_string = { "str", nullptr, string_get, string_set };
const PropertyInfo qdev_prop_size32 = { "size", nullptr, integer_get<uint32_t>, size32_set };
const PropertyInfo qdev_prop_blocksize = { "size", "A power of two between 512 B and 2 MiB",
                                           integer_get<uint32_t>, blocksize_set };

// --- rows as QOM properties

static bool row_get(Object *obj, const ObjectProperty &prop, std::string *value, Error **) {
    auto *row = static_cast<const Property *>(prop.opaque);
    auto *dev = static_cast<DeviceState *>(obj);
    return row->info->get(dev, row->field(dev), value);
}

static bool row_set(Object *obj, const ObjectProperty &prop, const std::string &value,
                    Error **errp) {
    auto *row = static_cast<const Property *>(prop.opaque);
    auto *dev = static_cast<DeviceState *>(obj);
    if (dev->realized) {
        error_setg(
            errp, "Attempt to set property '%s' on device '%s' (type '%s') after it was realized",
            row->name, dev->id.empty() ? "anonymous" : dev->id.c_str(), object_get_typename(dev));
        return false;
    }
    return row->info->set(dev, row->field(dev), row->name, value, errp);
}

void device_class_set_props_n(DeviceClass *dc, const Property *rows, size_t n) {
    for (const Property *row = rows; row < rows + n; row++) {
        const char *description = row->description ? row->description : row->info->description;
        object_class_property_add(dc,
                                  { .name = row->name,
                                    .type = row->info->type,
                                    .description = description ? description : "",
                                    .default_value = row->default_value ? row->default_value : "",
                                    .get = row_get,
                                    .set = row_set,
                                    .opaque = row });
    }
}

// --- -global

static std::vector<GlobalProperty> globals;

void qdev_prop_register_global(GlobalProperty prop) { globals.push_back(std::move(prop)); }

void qdev_prop_check_globals() {
    for (const GlobalProperty &g : globals) {
        if (g.used) continue;
        ObjectClass *klass = object_class_by_name(g.driver.c_str());
        if (!klass || !object_class_is_a(klass, TYPE_DEVICE)) {
            warn_report("global %s.%s has invalid class name", g.driver.c_str(),
                        g.property.c_str());
        } else if (static_cast<DeviceClass *>(klass)->user_creatable) {
            continue; // it may still be plugged later
        } else {
            warn_report("global %s.%s=%s not used", g.driver.c_str(), g.property.c_str(),
                        g.value.c_str());
        }
    }
}

static void apply_globals(DeviceState *dev) {
    for (GlobalProperty &g : globals) {
        if (!object_is_a(dev, g.driver.c_str())) continue;
        g.used = true;
        Error *err = nullptr;
        if (!object_property_set(dev, g.property.c_str(), g.value, &err)) {
            error_prepend(&err, "can't apply global %s.%s=%s: ", g.driver.c_str(),
                          g.property.c_str(), g.value.c_str());
            error_propagate(&error_fatal, err);
        }
    }
}

// instance_post_init of every device: the rows' defaults, then what -global says of them.
void qdev_apply_defaults_and_globals(Object *obj) {
    auto *dev = static_cast<DeviceState *>(obj);
    for (const ObjectProperty *prop : object_class_properties(obj->klass)) {
        auto *row = static_cast<const Property *>(prop->opaque);
        if (prop->set != row_set || !row->default_value) continue;
        (void)row->info->set(dev, row->field(dev), row->name, row->default_value, &error_abort);
    }
    apply_globals(dev);
}

// --- typed setters

void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value) {
    object_property_set_assert(dev, name, std::to_string(value));
}

void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value) {
    object_property_set_assert(dev, name, std::to_string(value));
}
