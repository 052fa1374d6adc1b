// SPDX-License-Identifier: MIT
/* Properties as JSON: what QMP and the monitor's qom-get and qom-set have in common. */
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

struct Error;
struct Object;
struct ObjectProperty;

// {"name", "type", "description", "default-value"}: the last two if there is something to say.
nlohmann::json qom_property_info(const ObjectProperty &prop);

// The object at an absolute path or a partial one that is unique; nullptr: "Device 'x' not found".
Object *qom_find(const std::string &path, Error **errp);
// The text of a value that is given as JSON. "Invalid parameter type for 'x', expected: integer"
[[nodiscard]] bool qom_value_from_json(const ObjectProperty &prop, const nlohmann::json &value,
                                       std::string *text, Error **errp);
// A property's value: a boolean, a number, a string or an object, by the property's type.
[[nodiscard]] bool qom_get(const std::string &path, const std::string &property,
                           nlohmann::json *value, Error **errp);
