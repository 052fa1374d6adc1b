// SPDX-License-Identifier: MIT
/* The machine base type and `-M`. See hw/core/boards.h. */
#include <algorithm>
#include <cstring>

#include "hw/core/boards.h"
#include "util/error.h"
#include "util/module.h"

MachineState *current_machine;

static std::vector<MachineClass *> machine_list() {
    std::vector<MachineClass *> list;
    for (ObjectClass *klass : object_class_get_list(TYPE_MACHINE, false)) {
        list.push_back(object_class_cast<MachineClass>(klass));
    }
    std::sort(list.begin(), list.end(), [](const MachineClass *a, const MachineClass *b) {
        return strcmp(a->name, b->name) < 0;
    });
    return list;
}

std::string machine_help() {
    std::string text = "Supported machines are:\n";
    for (const MachineClass *mc : machine_list()) {
        const char *mark = mc->is_default ? " (default)" : "";
        text += format_string("%-20s %s%s\n", mc->name, mc->desc, mark);
        if (mc->alias) {
            text += format_string("%-20s %s (alias of %s)\n", mc->alias, mc->desc, mc->name);
        }
    }
    return text;
}

[[gnu::noinline]] MachineClass *select_machine(const char *name, Error **errp) {
    for (MachineClass *mc : machine_list()) {
        if (name ? !strcmp(name, mc->name) || (mc->alias && !strcmp(name, mc->alias))
                 : mc->is_default) {
            return mc;
        }
    }
    if (name) {
        error_setg(errp, "unsupported machine type '%s'", name);
    } else {
        error_setg(errp, "No machine specified, and there is no default");
    }
    error_append_hint(errp, "Use -machine help to list supported machines\n");
    return nullptr;
}

static const TypeInfo machine_info = {
    .name = TYPE_MACHINE,
    .parent = TYPE_OBJECT,
    .instance_new = object_instance_new<MachineState>,
    .abstract = true,
    .class_new = object_class_new<MachineClass>,
};

static void machine_register_types() { type_register_static(&machine_info); }

type_init(machine_register_types)
