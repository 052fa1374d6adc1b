// SPDX-License-Identifier: MIT
/* -display. See vl/display.h. */
#include "vl/display.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

static std::vector<const DisplayDriver *> drivers;
static const DisplayDriver *current;

void qemu_display_register(const DisplayDriver *driver) { drivers.push_back(driver); }

static const DisplayDriver *find_driver(const std::string &name) {
    for (const DisplayDriver *driver : drivers) {
        if (name == driver->name) return driver;
    }
    return nullptr;
}

// The one that is built in, or in a module of that name.
static const DisplayDriver *load_driver(const std::string &name) {
    const DisplayDriver *driver = find_driver(name);
    if (!driver && module_load_one(CONFIG_UI_PREFIX, name.c_str())) driver = find_driver(name);
    return driver;
}

static bool none_init(Error **) { return true; }
static void none_cleanup() {}
static const DisplayDriver none_driver = { "none", "no screen", none_init, none_cleanup };

static void register_none() { qemu_display_register(&none_driver); }

type_init(register_none)

static void print_help() {
    load_driver("sdl");
    printf("Available display backend types:\n");
    for (const DisplayDriver *driver : drivers) printf("%s\n", driver->name);
    exit(EXIT_SUCCESS);
}

static bool has_window_system() {
    for (const char *name : { "DISPLAY", "WAYLAND_DISPLAY" }) {
        const char *value = getenv(name);
        if (value && *value) return true;
    }
    return false;
}

// Nobody asked for a window: one that does not open is no error.
static void open_default() {
    const DisplayDriver *driver = has_window_system() ? load_driver("sdl") : nullptr;
    if (driver && driver->init(nullptr)) current = driver;
}

void display_init(const std::string &choice, bool nographic) {
    if (choice.empty()) {
        if (!nographic) open_default();
        return;
    }
    LocationScope here({ .option = "-display " + choice, .file = {} });
    if (is_help_option(choice)) print_help();
    const DisplayDriver *driver = load_driver(choice);
    if (!driver) error_exit("Parameter 'type' does not accept value '%s'", choice.c_str());
    (void)driver->init(&error_fatal);
    current = driver;
}

void display_cleanup() {
    if (current) current->cleanup();
    current = nullptr;
}
