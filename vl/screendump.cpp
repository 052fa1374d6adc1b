// SPDX-License-Identifier: MIT
/* screendump: a console's picture as a file. Spec: PNG by libpng, PPM (P6) by hand. */
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <png.h>

#include "hw/core/console.h"
#include "util/error.h"
#include "vl/display.h"

// Rows of red, green, blue bytes.
static std::vector<uint8_t> surface_rgb(const DisplaySurface &s) {
    std::vector<uint8_t> rgb;
    rgb.reserve(static_cast<size_t>(s.width) * s.height * 3);
    for (int y = 0; y < s.height; y++) {
        const uint8_t *row = s.data + static_cast<size_t>(y) * s.stride;
        for (int x = 0; x < s.width; x++) {
            uint32_t pixel; // 0xAARRGGBB
            memcpy(&pixel, row + x * 4, sizeof pixel);
            for (int shift : { 16, 8, 0 }) rgb.push_back(static_cast<uint8_t>(pixel >> shift));
        }
    }
    return rgb;
}

static bool write_ppm(const DisplaySurface &s, const std::vector<uint8_t> &rgb, FILE *f) {
    return fprintf(f, "P6\n%d %d\n255\n", s.width, s.height) > 0 &&
           fwrite(rgb.data(), 1, rgb.size(), f) == rgb.size();
}

static bool write_png(const DisplaySurface &s, const std::vector<uint8_t> &rgb, FILE *f) {
    png_image image = {};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(s.width);
    image.height = static_cast<png_uint_32>(s.height);
    image.format = PNG_FORMAT_RGB;
    return png_image_write_to_stdio(&image, f, 0, rgb.data(), s.width * 3, nullptr) != 0;
}

bool screendump(QemuConsole *con, const std::string &file, const std::string &format,
                Error **errp) {
    graphic_hw_update(con);
    const DisplaySurface &s = con->surface;
    if (!s.data) {
        error_setg(errp, "no surface");
        return false;
    }
    FILE *f = fopen(file.c_str(), "wb");
    if (!f) {
        error_setg(errp, "failed to open file '%s': %s", file.c_str(), strerror(errno));
        return false;
    }
    std::vector<uint8_t> rgb = surface_rgb(s);
    bool is_png = format.empty() ? file.ends_with(".png") : format == "png";
    bool ok = is_png ? write_png(s, rgb, f) : write_ppm(s, rgb, f);
    if (fclose(f) != 0) ok = false;
    if (!ok) error_setg(errp, "failed to write file '%s'", file.c_str());
    return ok;
}
