// SPDX-License-Identifier: MIT
/* Chardev: the kinds of back ends, the open ones, and the calls between the two ends.
 *
 * In gdb: b qemu_chr_new_from_opts     b qemu_chr_be_write     b qemu_chr_be_event */
#include "util/chardev.h"

#include <algorithm>
#include <cstring>

#include "util/error.h"
#include "util/module.h"

static QemuOptsList qemu_chardev_opts = { .name = "chardev", .implied_opt_name = "backend" };

static void register_chardev_opts() { qemu_add_opts(&qemu_chardev_opts); }

opts_init(register_chardev_opts)

static std::vector<const ChardevDriver *> drivers;
static std::vector<Chardev *> chardevs;
static Chardev *(*new_mux)(Chardev *base);

void chardev_register(const ChardevDriver *driver) { drivers.push_back(driver); }

void chardev_register_mux(Chardev *(*mux_new)(Chardev *base)) { new_mux = mux_new; }

const std::vector<const ChardevDriver *> &chardev_drivers() { return drivers; }

const std::vector<Chardev *> &qemu_chr_list() { return chardevs; }

Chardev *qemu_chr_find(const std::string &label) {
    for (Chardev *chr : chardevs) {
        if (chr->label == label) return chr;
    }
    return nullptr;
}

static const ChardevDriver *find_driver(const std::string &name) {
    for (const ChardevDriver *driver : drivers) {
        if (name == driver->name) return driver;
    }
    return nullptr;
}

// --- the short forms

// "NAME:REST" is `backend=BACKEND,KEY=REST`.
struct ShortForm {
    const char *name;
    const char *backend;
    const char *key;
    bool further_options; // may follow REST, behind a comma
};
static constexpr ShortForm short_forms[] = {
    { "file", "file", "path", false },
    { "pipe", "pipe", "path", false },
    { "unix", "socket", "path", true },
    { "tcp", "socket", "host", true },
};

static bool not_a_driver(const std::string &spec, Error **errp) {
    error_setg(errp, "'%s' is not a valid char driver", spec.c_str());
    return false;
}

// "HOST:PORT" are two; an IPv6 address stands in brackets, which belong to the short form alone.
static bool split_port(std::vector<QemuOpt> *pairs, Error **errp) {
    std::string address = pairs->at(0).value;
    size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon + 1 == address.size()) {
        error_setg(errp, "missing port in 'tcp:%s'", address.c_str());
        return false;
    }
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    pairs->at(0).value = host;
    pairs->push_back({ "port", address.substr(colon + 1) });
    return true;
}

static bool parse_short_form(const ShortForm &form, const std::string &spec, QemuOpts *opts,
                             Error **errp) {
    std::string rest = spec.substr(strlen(form.name) + 1);
    opts->opts.push_back({ "backend", form.backend });
    if (!form.further_options) {
        opts->opts.push_back({ form.key, rest });
        return true;
    }
    std::vector<QemuOpt> pairs;
    if (!opts_parse_pairs(std::string(form.key) + "=" + rest, nullptr, &pairs, errp)) return false;
    if (!strcmp(form.key, "host") && !split_port(&pairs, errp)) return false;
    opts->opts.insert(opts->opts.end(), pairs.begin(), pairs.end());
    return true;
}

static bool parse_compat(std::string spec, QemuOpts *opts, Error **errp) {
    if (spec.starts_with("mon:")) {
        spec = spec.substr(4);
        opts->opts.push_back({ "mux", "on" });
        // Ctrl-C is the guest's
        if (spec == "stdio") opts->opts.push_back({ "signal", "off" });
    }
    for (const ShortForm &form : short_forms) {
        if (spec.starts_with(std::string(form.name) + ":")) {
            return parse_short_form(form, spec, opts, errp);
        }
    }
    const ChardevDriver *driver = find_driver(spec);
    bool needs_none = driver && std::none_of(std::begin(short_forms), std::end(short_forms),
                                             [&](auto &form) { return spec == form.backend; });
    if (!needs_none) return not_a_driver(spec, errp);
    opts->opts.push_back({ "backend", spec });
    return true;
}

std::unique_ptr<QemuOpts> qemu_chr_parse_compat(const std::string &label, const std::string &spec,
                                                Error **errp) {
    auto opts = std::make_unique<QemuOpts>();
    opts->id = label;
    opts->list = &qemu_chardev_opts;
    opts->loc = loc_current();
    return parse_compat(spec, opts.get(), errp) ? std::move(opts) : nullptr;
}

// --- opening

static bool check_option(const ChardevDriver &driver, const QemuOpt &opt, Error **errp) {
    static const std::vector<QemuOptDesc> common = { { "backend" }, { "mux", QEMU_OPT_BOOL } };
    for (auto *rows : { &common, &driver.options }) {
        for (const QemuOptDesc &row : *rows) {
            if (opt.name == row.name) return qemu_opt_check_value(row, opt.value, errp);
        }
    }
    error_setg(errp, "Invalid parameter '%s'", opt.name.c_str());
    return false;
}

Chardev *qemu_chr_new_from_opts(const QemuOpts &opts, Error **errp) {
    const char *backend = qemu_opt_get(&opts, "backend");
    if (!backend) {
        error_setg(errp, "chardev: \"%s\" missing backend", opts.id.c_str());
        return nullptr;
    }
    if (opts.id.empty()) {
        error_setg(errp, "chardev: no id specified");
        return nullptr;
    }
    const ChardevDriver *driver = find_driver(backend);
    if (!driver) {
        error_setg(errp, "'%s' is not a valid char driver name", backend);
        return nullptr;
    }
    for (const QemuOpt &opt : opts.opts) {
        if (!check_option(*driver, opt, errp)) return nullptr;
    }
    Chardev *chr = driver->open(opts, errp);
    if (!chr) return nullptr;
    chr->label = opts.id;
    if (qemu_opt_get_bool(&opts, "mux", false)) {
        chr->label += "-base";
        chr = new_mux(chr);
        chr->label = opts.id;
    }
    chardevs.push_back(chr);
    return chr;
}

Chardev *qemu_chr_new(const std::string &label, const std::string &spec, Error **errp) {
    if (spec.starts_with("chardev:")) {
        Chardev *chr = qemu_chr_find(spec.substr(8));
        if (!chr) error_setg(errp, "chardev \"%s\" not found", spec.c_str() + 8);
        return chr;
    }
    std::unique_ptr<QemuOpts> opts = qemu_chr_parse_compat(label, spec, errp);
    return opts ? qemu_chr_new_from_opts(*opts, errp) : nullptr;
}

std::string qemu_chr_help() {
    std::string text = "Available chardev backend types: \n";
    for (const ChardevDriver *driver : drivers) text += std::string("  ") + driver->name + "\n";
    return text;
}

void qemu_chr_delete(Chardev *chr) {
    std::erase(chardevs, chr);
    delete chr;
}

void qemu_chr_cleanup() {
    while (!chardevs.empty()) qemu_chr_delete(chardevs.back());
}

void Chardev::set_frontend(const CharFrontend &frontend) {
    fe = frontend;
    if (is_open()) qemu_chr_be_event(this, CHR_EVENT_OPENED);
}

// --- the front end's side

void qemu_chr_fe_set_handlers(Chardev *chr, const CharFrontend &fe) {
    if (chr) chr->set_frontend(fe);
}

int qemu_chr_fe_write(Chardev *chr, const uint8_t *buf, int size) {
    if (!chr) return size;
    int n = chr->unsent.empty() ? chr->write(buf, size) : 0;
    if (n < size) chr->watch_output();
    return n;
}

void qemu_chr_fe_write_all(Chardev *chr, const uint8_t *buf, int size) {
    int n = qemu_chr_fe_write(chr, buf, size);
    if (n < size) chr->unsent.append(reinterpret_cast<const char *>(buf) + n, size - n);
}

bool qemu_chr_fe_drained(const Chardev *chr) { return !chr || chr->unsent.empty(); }

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

void qemu_chr_be_writable(Chardev *chr) {
    if (!chr->unsent.empty()) {
        int size = static_cast<int>(chr->unsent.size());
        int n = chr->write(reinterpret_cast<const uint8_t *>(chr->unsent.data()), size);
        chr->unsent.erase(0, static_cast<size_t>(n));
        if (n < size) return chr->watch_output();
        chr->accept_input(); // what was not asked for meanwhile
    }
    if (chr->fe.writable) chr->fe.writable(chr->fe.opaque);
}
