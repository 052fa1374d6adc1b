// SPDX-License-Identifier: MIT
/* Consoles and their listeners. See hw/core/console.h. */
#include "hw/core/console.h"

#include "util/timer.h"

static constexpr int64_t REFRESH_INTERVAL_NS = NANOSECONDS_PER_SECOND / 60;

static std::vector<QemuConsole *> consoles;
static std::vector<DisplayChangeListener *> listeners;

static QEMUTimer &refresh_timer() {
    static QEMUTimer *timer = new QEMUTimer; // outlives every listener
    return *timer;
}

// --- the device's side

QemuConsole *graphic_console_init(DeviceState *dev, const GraphicHwOps *ops, void *opaque) {
    consoles.push_back(new QemuConsole{ dev, ops, opaque, {} });
    return consoles.back();
}

void graphic_console_close(QemuConsole *con) {
    std::erase(consoles, con);
    delete con;
}

void dpy_gfx_replace_surface(QemuConsole *con, const DisplaySurface &surface) {
    con->surface = surface;
    for (DisplayChangeListener *dcl : listeners) dcl->gfx_switch(con, surface);
}

void dpy_gfx_update(QemuConsole *con, int x, int y, int w, int h) {
    for (DisplayChangeListener *dcl : listeners) dcl->gfx_update(con, x, y, w, h);
}

// --- the front end's side

QemuConsole *qemu_console_lookup(int index) {
    if (index < 0 || index >= static_cast<int>(consoles.size())) return nullptr;
    return consoles[index];
}

void graphic_hw_update(QemuConsole *con) { con->ops->gfx_update(con->opaque); }

void graphic_hw_invalidate(QemuConsole *con) { con->ops->invalidate(con->opaque); }

static void refresh(void *) {
    for (QemuConsole *con : consoles) graphic_hw_update(con);
    for (DisplayChangeListener *dcl : listeners) dcl->refresh();
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    if (!listeners.empty()) timer_mod(&refresh_timer(), now + REFRESH_INTERVAL_NS);
}

void register_displaychangelistener(DisplayChangeListener *dcl) {
    listeners.push_back(dcl);
    for (QemuConsole *con : consoles) {
        dcl->gfx_switch(con, con->surface);
        graphic_hw_invalidate(con);
    }
    if (listeners.size() == 1) {
        timer_init_ns(&refresh_timer(), QEMU_CLOCK_REALTIME, refresh, nullptr);
        timer_mod(&refresh_timer(), qemu_clock_get_ns(QEMU_CLOCK_REALTIME));
    }
}

void unregister_displaychangelistener(DisplayChangeListener *dcl) {
    std::erase(listeners, dcl);
    if (listeners.empty()) timer_del(&refresh_timer());
}
