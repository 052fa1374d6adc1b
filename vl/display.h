// SPDX-License-Identifier: MIT
/* Front ends of the screen: `-display`. A window is a loadable module, so that a start without one
 * never pays for it. */
#pragma once

#include <string>

struct Error;
struct QemuConsole;

struct DisplayDriver {
    const char *name; // as -display has it
    const char *desc;
    // Opens it. False: *errp is set.
    bool (*init)(Error **errp);
    void (*cleanup)();
};

// Called by a type_init function.
void qemu_display_register(const DisplayDriver *driver);

// Opens what -display says; empty: a window where there is a window system, else nothing.
void display_init(const std::string &choice, bool nographic);
void display_cleanup();

// vl/screendump.cpp: writes the console's picture as "png" or "ppm"; empty: by the file's name.
[[nodiscard]] bool screendump(QemuConsole *con, const std::string &file, const std::string &format,
                              Error **errp);
