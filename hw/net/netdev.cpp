// SPDX-License-Identifier: MIT
/* -netdev, -nic and -net. See hw/net/net.h.
 *
 * -netdev makes the host's end of a wire, for a -device to name. -nic makes both ends: a netdev and
 * a -device that uses it.
 *
 * Missing: hubs, so -net has nothing but `none`
 * In gdb:  b net_client_init */
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "hw/net/net.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

namespace netdev {

// --- option groups

static constexpr const char *default_model = "virtio-net-device";

static QemuOptsList netdev_opts = { .name = "netdev", .implied_opt_name = "type" };
static QemuOptsList nic_opts = { .name = "nic", .implied_opt_name = "type" };
static QemuOptsList net_opts = { .name = "net", .implied_opt_name = "type" };

static void register_opts() {
    for (QemuOptsList *list : { &netdev_opts, &nic_opts, &net_opts }) qemu_add_opts(list);
}
opts_init(register_opts)

// --- kinds of netdevs, and the libraries they are in

static constexpr struct {
    const char *type, *library;
} modules[] = {
    { "user", "slirp" },
};

static std::vector<const NetClientDriver *> drivers;

static const NetClientDriver *find_driver(const std::string &name) {
    for (const NetClientDriver *driver : drivers) {
        if (name == driver->name) return driver;
    }
    return nullptr;
}

static const NetClientDriver *load_driver(const std::string &name) {
    if (const NetClientDriver *driver = find_driver(name)) return driver;
    for (const auto &module : modules) {
        if (name == module.type) module_load_one(CONFIG_NET_PREFIX, module.library);
    }
    return find_driver(name);
}

[[noreturn]] static void print_types() {
    printf("Available netdev backend types:\n");
    for (const auto &module : modules) printf("%s\n", module.type);
    exit(EXIT_SUCCESS);
}

static bool type_is(const QemuOpts *opts, const char *type) {
    const char *given = qemu_opt_get(opts, "type");
    return given && strcmp(given, type) == 0;
}

// --- -netdev

static bool netdev_init(const QemuOpts *opts, Error **errp) {
    const char *type = qemu_opt_get(opts, "type");
    if (type && is_help_option(type)) print_types();
    if (opts->id.empty()) {
        error_setg(errp, "Parameter 'id' is missing");
        return false;
    }
    return net_client_init(opts, opts->id, errp);
}

// --- -nic

// What is the NIC's is no netdev's: `name` is taken out of `opts`.
static std::string take(QemuOpts *opts, const char *name, const std::string &defval) {
    const char *value = qemu_opt_get(opts, name);
    std::string taken = value ? value : defval;
    std::erase_if(opts->opts, [name](const QemuOpt &opt) { return opt.name == name; });
    return taken;
}

static bool add_device(const std::string &model, const std::string &netdev, const std::string &mac,
                       Error **errp) {
    QemuOpts *dev = qemu_opts_create(qemu_find_opts("device"), "", false, errp);
    return dev && qemu_opt_set(dev, "driver", model, errp) &&
           qemu_opt_set(dev, "netdev", netdev, errp) &&
           (mac.empty() || qemu_opt_set(dev, "mac", mac, errp));
}

static bool nic_init(QemuOpts *opts, unsigned n, Error **errp) {
    if (type_is(opts, "none")) return true;
    std::string model = take(opts, "model", default_model), mac = take(opts, "mac", "");
    MACAddr unused;
    if (!mac.empty() && !net_parse_macaddr(mac, &unused)) {
        error_setg(errp, "invalid syntax for ethernet address");
        return false;
    }
    std::string name = opts->id.empty() ? "#net" + std::to_string(n) : opts->id;
    return net_client_init(opts, name, errp) && add_device(model, name, mac, errp);
}

// --- -net

static bool net_init(const QemuOpts *opts, Error **errp) {
    if (type_is(opts, "none")) return true;
    const char *type = qemu_opt_get(opts, "type");
    error_setg(errp, "Parameter 'type' does not accept value '%s'", type ? type : "");
    return false;
}

} // namespace netdev

void net_client_register(const NetClientDriver *driver) { netdev::drivers.push_back(driver); }

[[gnu::noinline]] bool net_client_init(const QemuOpts *opts, const std::string &name,
                                       Error **errp) {
    const char *type = qemu_opt_get(opts, "type");
    if (!type) {
        error_setg(errp, "Parameter 'type' is missing");
        return false;
    }
    const NetClientDriver *driver = netdev::load_driver(type);
    if (!driver) {
        error_setg(errp, "Parameter 'type' does not accept value '%s'", type);
        return false;
    }
    return driver->init(opts, name, errp);
}

bool net_init_clients(Error **errp) {
    for (const auto &opts : netdev::netdev_opts.head) {
        LocationScope here(opts->loc);
        if (!netdev::netdev_init(opts.get(), errp)) return false;
    }
    unsigned n = 0;
    for (const auto &opts : netdev::nic_opts.head) {
        LocationScope here(opts->loc);
        if (!netdev::nic_init(opts.get(), n++, errp)) return false;
    }
    for (const auto &opts : netdev::net_opts.head) {
        LocationScope here(opts->loc);
        if (!netdev::net_init(opts.get(), errp)) return false;
    }
    return true;
}
