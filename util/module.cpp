// SPDX-License-Identifier: MIT
/* The lists of module_init functions, and loadable modules. See util/module.h. */
#include "util/module.h"

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include <dlfcn.h>
#include <sys/sdt.h>
#include <unistd.h>

#include "util/configuration.h"
#include "util/trace-events.h"

// constinit: the first constructor of the program must find them ready.
constinit TailQueue<ModuleEntry> init_type_list[MODULE_INIT_MAX];
constinit TailQueue<ModuleEntry> dso_init_list;
constinit bool modules_init_done[MODULE_INIT_MAX];

static std::string exec_dir;

static const char *const type_names[MODULE_INIT_MAX] = {
    "MODULE_INIT_BLOCK", "MODULE_INIT_OPTS",  "MODULE_INIT_QAPI",
    "MODULE_INIT_QOM",   "MODULE_INIT_TRACE",
};

const char *module_init_type_name(module_init_type type) { return type_names[type]; }

// --- registration: all that runs before main()

ModuleEntry *register_module_init(void (*fn)(), module_init_type type) {
    return init_type_list[type].push_back(new ModuleEntry{ fn, nullptr, type });
}

ModuleEntry *register_dso_module_init(void (*fn)(), module_init_type type) {
    trace_register_dso_module_init(module_init_type_name(type), reinterpret_cast<const void *>(fn));
    return dso_init_list.push_back(new ModuleEntry{ fn, nullptr, type });
}

// --- the phases

static const void *address_of(void (*fn)()) { return reinterpret_cast<const void *>(fn); }

void module_call_init(module_init_type type) {
    if (modules_init_done[type]) return;
    modules_init_done[type] = true;
    TraceSpan phase(trace_module_call_init, module_init_type_name(type));
    for (ModuleEntry *e = init_type_list[type].first; e; e = e->next) {
        TraceSpan call(trace_module_init_function, module_init_type_name(type),
                       address_of(e->init));
        DTRACE_PROBE2(vl, module_init, e->type, e->init);
        e->init();
    }
}

// --- loadable modules

void qemu_init_exec_dir(const char *argv0) {
    char buf[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", buf, sizeof buf);
    // Without /proc, the name we were called by has to do.
    std::string path = n > 0 ? std::string(buf, n) : argv0;
    size_t slash = path.rfind('/');
    exec_dir = slash == std::string::npos ? "." : path.substr(0, slash);
}

const std::string &qemu_get_exec_dir() { return exec_dir; }

// Calls each function the new library registered, at once, and keeps it on the list of its phase.
static void run_dso_init_list() {
    while (ModuleEntry *e = dso_init_list.pop_front()) {
        TraceSpan function(trace_module_init_function, module_init_type_name(e->type),
                           address_of(e->init));
        e->init();
        init_type_list[e->type].push_back(e);
    }
}

static void forget_dso_init_list() {
    while (ModuleEntry *e = dso_init_list.pop_front()) delete e;
}

static bool module_load_file(const std::string &path) {
    void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "Failed to open module: %s\n", dlerror());
        return false;
    }
    if (!dlsym(library, CONFIG_STAMP_SYMBOL)) {
        fprintf(stderr, "Failed to initialize module: %s\n", path.c_str());
        // Every build of ours defines this one, whatever its stamp.
        if (dlsym(library, "qemu_module_dummy")) {
            fprintf(stderr, "Note: only modules from the same build can be loaded.\n");
        }
        forget_dso_init_list();
        dlclose(library);
        return false;
    }
    run_dso_init_list();
    return true;
}

static std::vector<std::string> module_directories() {
    std::vector<std::string> dirs;
    if (const char *dir = getenv("QEMU_MODULE_DIR")) dirs.push_back(dir);
    dirs.push_back(exec_dir + "/" + CONFIG_QEMU_MODDIR);
    dirs.push_back(exec_dir + "/..");
    dirs.push_back(exec_dir);
    return dirs;
}

bool module_load_one(const char *prefix, const char *lib) {
    static std::map<std::string, bool> tried; // name -> is it loaded
    std::string name = std::string(prefix) + lib;
    auto [known, is_new] = tried.try_emplace(name, false);
    if (!is_new) return known->second;

    for (const std::string &dir : module_directories()) {
        std::string path = dir + "/" + name + CONFIG_HOST_DSOSUF;
        if (access(path.c_str(), F_OK) == 0) {
            TraceSpan load(trace_module_load_module, path.c_str());
            known->second = module_load_file(path);
            break;
        }
    }
    return known->second;
}

bool block_module_load_one(const char *lib) { return module_load_one(CONFIG_BLOCK_PREFIX, lib); }
