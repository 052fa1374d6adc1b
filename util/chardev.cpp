// SPDX-License-Identifier: MIT
/* Chardev: the kinds of back ends, the open ones, and the calls between the two ends. */
#include "util/chardev.h"

#include <cstring>

#include "util/error.h"

static std::vector<const ChardevDriver *> drivers;
static std::vector<Chardev *> chardevs;

void chardev_register(const ChardevDriver *driver) { drivers.push_back(driver); }

const std::vector<const ChardevDriver *> &chardev_drivers() { return drivers; }

const std::vector<Chardev *> &qemu_chr_list() { return chardevs; }

Chardev *qemu_chr_find(const std::string &label) {
    for (Chardev *chr : chardevs) {
        if (chr->label == label) return chr;
    }
    return nullptr;
}

Chardev *qemu_chr_new(const std::string &label, const std::string &spec, Error **errp) {
    size_t colon = spec.find(':');
    std::string name = spec.substr(0, colon);
    std::string arg = colon == std::string::npos ? "" : spec.substr(colon + 1);
    for (const ChardevDriver *driver : drivers) {
        if (name == driver->name) {
            Chardev *chr = driver->open(label, arg, errp);
            if (chr) {
                chr->label = label;
                chardevs.push_back(chr);
            }
            return chr;
        }
    }
    error_setg(errp, "'%s' is not a valid char driver name", name.c_str());
    return nullptr;
}

void qemu_chr_cleanup() {
    while (!chardevs.empty()) {
        delete chardevs.back();
        chardevs.pop_back();
    }
}

// --- the front end's side

void qemu_chr_fe_set_handlers(Chardev *chr, const CharFrontend &fe) {
    if (chr) chr->set_frontend(fe);
}

int qemu_chr_fe_write_all(Chardev *chr, const uint8_t *buf, int size) {
    return chr ? chr->write(buf, size) : size;
}

void qemu_chr_fe_accept_input(Chardev *chr) {
    if (chr) chr->accept_input();
}

// --- the back end's side

int qemu_chr_be_can_write(Chardev *chr) {
    return chr->fe.can_read ? chr->fe.can_read(chr->fe.opaque) : 0;
}

void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int size) {
    if (chr->fe.read) chr->fe.read(chr->fe.opaque, buf, size);
}

void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event) {
    if (chr->fe.event) chr->fe.event(chr->fe.opaque, event);
}
