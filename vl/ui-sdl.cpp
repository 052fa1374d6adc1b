// SPDX-License-Identifier: MIT
/* The screen in a window: SDL2. Built as the loadable module ui-sdl.so.
 *
 * Missing: the guest's keyboard and mouse: the machine has no such device
 * In gdb:  b ui_sdl::refresh */
#include <cstdlib>
#include <cstring>

#include <SDL.h>

#include "hw/core/console.h"
#include "hw/core/system.h"
#include "util/error.h"
#include "util/module.h"
#include "vl/display.h"

namespace ui_sdl {

struct SdlDisplay : DisplayChangeListener {
    QemuConsole *con = nullptr;
    SDL_Window *window = nullptr;
    SDL_Renderer *renderer = nullptr;
    SDL_Texture *texture = nullptr;
    bool changed = false;

    void gfx_switch(QemuConsole *from, const DisplaySurface &surface) override;
    void gfx_update(QemuConsole *from, int x, int y, int w, int h) override;
    void refresh() override;
};

static SdlDisplay *display;

void SdlDisplay::gfx_switch(QemuConsole *from, const DisplaySurface &surface) {
    if (from != con || !surface.data) return;
    if (texture) SDL_DestroyTexture(texture);
    texture = SDL_CreateTexture(renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                surface.width, surface.height);
    SDL_SetWindowSize(window, surface.width, surface.height);
    SDL_RenderSetLogicalSize(renderer, surface.width, surface.height);
    gfx_update(from, 0, 0, surface.width, surface.height);
}

void SdlDisplay::gfx_update(QemuConsole *from, int x, int y, int w, int h) {
    if (from != con || !texture) return;
    const DisplaySurface &s = con->surface;
    SDL_Rect rect{ x, y, w, h };
    SDL_UpdateTexture(texture, &rect, s.data + static_cast<size_t>(y) * s.stride + x * 4, s.stride);
    changed = true;
}

void SdlDisplay::refresh() {
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        if (event.type == SDL_QUIT) qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_UI);
        if (event.type == SDL_WINDOWEVENT) changed = true; // uncovered or resized
    }
    if (!changed) return;
    changed = false;
    SDL_RenderClear(renderer);
    SDL_RenderCopy(renderer, texture, nullptr, nullptr);
    SDL_RenderPresent(renderer);
}

static void cleanup() {
    if (!display) return;
    unregister_displaychangelistener(display);
    if (display->texture) SDL_DestroyTexture(display->texture);
    if (display->renderer) SDL_DestroyRenderer(display->renderer);
    if (display->window) SDL_DestroyWindow(display->window);
    delete display;
    display = nullptr;
    SDL_Quit();
}

// Without a window system SDL falls back to one that draws nowhere. That is for who asks for it.
static bool can_be_seen() {
    const char *driver = SDL_GetCurrentVideoDriver();
    bool nowhere = !strcmp(driver, "offscreen") || !strcmp(driver, "dummy");
    return !nowhere || getenv("SDL_VIDEODRIVER");
}

static bool init(Error **errp) {
    QemuConsole *con = qemu_console_lookup(0);
    if (!con) {
        error_setg(errp, "the machine has no screen");
        return false;
    }
    // Signals stay the main loop's.
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        error_setg(errp, "Could not initialize SDL(%s) - exiting", SDL_GetError());
        return false;
    }
    if (!can_be_seen()) {
        SDL_Quit();
        error_setg(errp, "Could not initialize SDL(No available video device) - exiting");
        return false;
    }
    display = new SdlDisplay;
    display->con = con;
    display->window = SDL_CreateWindow("vl", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, 1024,
                                       768, SDL_WINDOW_RESIZABLE);
    if (display->window) display->renderer = SDL_CreateRenderer(display->window, -1, 0);
    if (!display->renderer) {
        error_setg(errp, "Could not open a window: %s", SDL_GetError());
        register_displaychangelistener(display); // cleanup() takes it back
        cleanup();
        return false;
    }
    register_displaychangelistener(display);
    return true;
}

static const DisplayDriver driver = { "sdl", "a window", init, cleanup };

static void register_sdl() { qemu_display_register(&driver); }

type_init(register_sdl)

} // namespace ui_sdl
