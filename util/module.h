// SPDX-License-Identifier: MIT
/* Modules: functions that put themselves on a list before main() and are called in phases by it.
 *
 * `type_init(f)` at namespace scope defines a constructor, do_qemu_init_f, that appends f to
 * init_type_list[MODULE_INIT_QOM]. Nothing else may happen before main(): no allocation order,
 * no other module and no C++ object may be relied on. main() later calls module_call_init().
 *
 * The same source built as a loadable module (BUILD_DSO defined) appends to dso_init_list
 * instead; module_load_one() drains that list once the library's constructors have run.
 *
 * In gdb: b register_module_init     p init_type_list[MODULE_INIT_BLOCK] */
#pragma once

#include <string>

#include "util/queue.h"
#include "util/source-location.h"

enum module_init_type {
    MODULE_INIT_BLOCK, // block drivers: bdrv_register()
    MODULE_INIT_OPTS,  // option groups: qemu_add_opts()
    MODULE_INIT_QAPI,  // monitor and QMP commands
    MODULE_INIT_QOM,   // types: type_register_static()
    MODULE_INIT_TRACE, // trace events and log items
    MODULE_INIT_MAX,
};

struct ModuleEntry {
    void (*init)();
    ModuleEntry *next; // the list's node
    module_init_type type;
    SourceLocation where = {}; // of block_init(...) and its like
};

// One list a phase, in order of registration, which is link order. Constant-initialised.
extern TailQueue<ModuleEntry> init_type_list[MODULE_INIT_MAX];
// What the library being loaded has registered; empty at any other time.
extern TailQueue<ModuleEntry> dso_init_list;
// True once module_call_init() has begun a phase: later additions run when they are loaded.
extern bool modules_init_done[MODULE_INIT_MAX];

// Each returns the new entry.
ModuleEntry *register_module_init(void (*fn)(), module_init_type type);
ModuleEntry *register_dso_module_init(void (*fn)(), module_init_type type);

// Calls every function of `type` in order of registration. A second call does nothing.
void module_call_init(module_init_type type);

// Prefix of a block driver's library: block-null-co.so.
inline constexpr const char *CONFIG_BLOCK_PREFIX = "block-";
inline constexpr const char *CONFIG_UI_PREFIX = "ui-";
inline constexpr const char *CONFIG_NET_PREFIX = "net-";

// Loads `<prefix><lib>.so` from $QEMU_MODULE_DIR, the installed module directory, the program's
// directory or the one above it; checks that it comes from this build (it must define the symbol
// qemu_stamp_<hash of version and configuration>) and calls what it registered. Returns true if the
// library is loaded, now or from before. A library that is nowhere to be found is no error here:
// the caller knows what was asked for.
bool module_load_one(const char *prefix, const char *lib);
bool block_module_load_one(const char *lib);

// Finds the directory of the running program, one of the places that are searched. Call it first.
void qemu_init_exec_dir(const char *argv0);
const std::string &qemu_get_exec_dir();

const char *module_init_type_name(module_init_type type);

#ifdef BUILD_DSO
#define module_init_register register_dso_module_init
#else
#define module_init_register register_module_init
#endif

#define module_init(function, type)                                                                \
    static void __attribute__((constructor, used)) do_qemu_init_##function() {                     \
        module_init_register(function, type)->where = { __FILE__, __LINE__ };                      \
    }

#define block_init(function) module_init(function, MODULE_INIT_BLOCK)
#define opts_init(function)  module_init(function, MODULE_INIT_OPTS)
#define qapi_init(function)  module_init(function, MODULE_INIT_QAPI)
#define type_init(function)  module_init(function, MODULE_INIT_QOM)
#define trace_init(function) module_init(function, MODULE_INIT_TRACE)
