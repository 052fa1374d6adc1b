// SPDX-License-Identifier: MIT
/* Lab: a module that relies on the order of its list. See README.md.
 *
 *   lists-reversed             the list as it was linked
 *   lists-reversed reversed    the same list, turned round before it is run */
#include <cstdio>
#include <cstring>

#include "qom/object.h"
#include "util/module.h"

#define TYPE_LAB_SHAPE  "lab-shape"
#define TYPE_LAB_CIRCLE "lab-circle"

namespace lists_reversed {

static const TypeInfo shape_info = { .name = TYPE_LAB_SHAPE, .parent = TYPE_OBJECT };
static const TypeInfo circle_info = { .name = TYPE_LAB_CIRCLE, .parent = TYPE_LAB_SHAPE };

static void shape_register() { type_register_static(&shape_info); }

// The mistake: a class is made, and its parent's with it, while types are still registering.
static void circle_register() { type_initialize(type_register_static(&circle_info)); }

type_init(shape_register)
type_init(circle_register)

static void turn_round(TailQueue<ModuleEntry> *list) {
    TailQueue<ModuleEntry> turned;
    while (ModuleEntry *e = list->pop_front()) {
        e->next = turned.first;
        turned.first = e;
        if (!turned.last) turned.last = e;
    }
    *list = turned;
}

} // namespace lists_reversed

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "reversed")) {
        lists_reversed::turn_round(&init_type_list[MODULE_INIT_QOM]);
    }
    module_call_init(MODULE_INIT_QOM);
    ObjectClass *circle = object_class_by_name(TYPE_LAB_CIRCLE);
    printf("%s is a %s\n", object_class_get_name(circle),
           object_class_get_name(object_class_get_parent(circle)));
    return 0;
}
