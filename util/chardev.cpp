// SPDX-License-Identifier: MIT
/* Chardev: the kinds of back ends, the open ones, and the calls between the two ends. */
#include "util/chardev.h"

#include <cstring>

#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

static QemuOptsList qemu_chardev_opts = { .name = "chardev", .implied_opt_name = "backend" };

static void register_chardev_opts() { qemu_add_opts(&qemu_chardev_opts); }

opts_init(register_chardev_opts)

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

static const ChardevDriver *find_driver(const std::string &name, Error **errp) {
    for (const ChardevDriver *driver : drivers) {
        if (name == driver->name) return driver;
    }
    error_setg(errp, "'%s' is not a valid char driver name", name.c_str());
    return nullptr;
}

static Chardev *open_driver(const ChardevDriver *driver, const std::string &label,
                            const std::string &arg, Error **errp) {
    Chardev *chr = driver->open(label, arg, errp);
    if (!chr) return nullptr;
    chr->label = label;
    chardevs.push_back(chr);
    return chr;
}

Chardev *qemu_chr_new(const std::string &label, const std::string &spec, Error **errp) {
    size_t colon = spec.find(':');
    std::string arg = colon == std::string::npos ? "" : spec.substr(colon + 1);
    const ChardevDriver *driver = find_driver(spec.substr(0, colon), errp);
    return driver ? open_driver(driver, label, arg, errp) : nullptr;
}

static bool check_options(const ChardevDriver *driver, const QemuOpts *opts, Error **errp) {
    for (const QemuOpt &opt : opts->opts) {
        bool is_arg = driver->arg_option && opt.name == driver->arg_option;
        if (is_arg || opt.name == "backend") continue;
        error_setg(errp, "Invalid parameter '%s'", opt.name.c_str());
        return false;
    }
    if (!driver->arg_option || qemu_opt_get(opts, driver->arg_option)) return true;
    error_setg(errp, "chardev: %s: %s", driver->name, driver->arg_missing);
    return false;
}

Chardev *qemu_chr_new_from_opts(const QemuOpts *opts, Error **errp) {
    const char *backend = qemu_opt_get(opts, "backend");
    if (!backend) {
        error_setg(errp, "chardev: \"%s\" missing backend", opts->id.c_str());
        return nullptr;
    }
    if (opts->id.empty()) {
        error_setg(errp, "chardev: no id specified");
        return nullptr;
    }
    const ChardevDriver *driver = find_driver(backend, errp);
    if (!driver) return nullptr;
    if (driver->shorthand) {
        error_setg(errp, "'%s' is not a valid char driver name", backend);
        return nullptr;
    }
    if (!check_options(driver, opts, errp)) return nullptr;
    const char *arg = driver->arg_option ? qemu_opt_get(opts, driver->arg_option) : "";
    return open_driver(driver, opts->id, arg, errp);
}

std::string qemu_chr_help() {
    std::string text = "Available chardev backend types: \n";
    for (const ChardevDriver *driver : drivers) {
        if (!driver->shorthand) text += std::string("  ") + driver->name + "\n";
    }
    return text;
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
