// SPDX-License-Identifier: MIT
/* Consoles: what a display device shows and a front end (a window, a screendump) draws.
 *
 * A device makes a console with graphic_console_init and points it at a surface, which may lie in
 * guest video memory. A front end registers a listener; at each refresh it asks the device to
 * report what changed. All under the big lock. Colours are 32-bit words 0xAARRGGBB in host order;
 * alpha is ignored. */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct DeviceState;
struct Error;

struct DisplaySurface {
    const uint8_t *data = nullptr; // first row
    int width = 0, height = 0;     // pixels
    int stride = 0;                // bytes from row to row
};

struct QemuConsole;

struct GraphicHwOps {
    // Looks for changes since the last call and reports them with dpy_gfx_update.
    void (*gfx_update)(void *opaque);
    // The whole surface counts as changed.
    void (*invalidate)(void *opaque);
};

struct DisplayChangeListener {
    virtual ~DisplayChangeListener() = default;
    virtual void gfx_switch(QemuConsole *con, const DisplaySurface &surface) = 0;
    virtual void gfx_update(QemuConsole *con, int x, int y, int w, int h) = 0;
    // Called about 60 times a second in the main loop.
    virtual void refresh() = 0;
};

struct QemuConsole {
    DeviceState *device;
    const GraphicHwOps *ops;
    void *opaque;
    DisplaySurface surface;
};

// --- the device's side
QemuConsole *graphic_console_init(DeviceState *dev, const GraphicHwOps *ops, void *opaque);
void graphic_console_close(QemuConsole *con);
// The surface's place or size is new.
void dpy_gfx_replace_surface(QemuConsole *con, const DisplaySurface &surface);
void dpy_gfx_update(QemuConsole *con, int x, int y, int w, int h);

// --- the front end's side
QemuConsole *qemu_console_lookup(int index); // nullptr: there is none
// Asks the device for its changes.
void graphic_hw_update(QemuConsole *con);
void graphic_hw_invalidate(QemuConsole *con);
// Registers; starts the refresh timer with the first one. Calls gfx_switch for each console.
void register_displaychangelistener(DisplayChangeListener *dcl);
void unregister_displaychangelistener(DisplayChangeListener *dcl);
