// SPDX-License-Identifier: MIT
/* Chardev: a stream of bytes between a device (or the monitor) and something on the host.
 *
 * A back end (stdio, file, null, ...) derives from Chardev and registers itself by name with
 * chardev_register(). The front end - a UART, a monitor - sets its handlers with
 * qemu_chr_fe_set_handlers: it is asked how much it can take before it is given bytes. All under
 * the big lock. */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct Error;
struct QemuOpts;

enum QEMUChrEvent { CHR_EVENT_OPENED, CHR_EVENT_CLOSED, CHR_EVENT_BREAK };

// How many bytes the front end can take now.
using IOCanReadHandler = int (*)(void *opaque);
using IOReadHandler = void (*)(void *opaque, const uint8_t *buf, int size);
using IOEventHandler = void (*)(void *opaque, QEMUChrEvent event);

struct CharFrontend {
    IOCanReadHandler can_read = nullptr;
    IOReadHandler read = nullptr;
    IOEventHandler event = nullptr;
    void *opaque = nullptr;
};

struct Chardev {
    std::string label;    // its id: "serial0"
    std::string filename; // as `info chardev` and `info qtree` print it: "stdio", "null"
    CharFrontend fe;

    virtual ~Chardev() = default;
    // Writes all of it; a host that does not take it loses it. Returns size or -1.
    virtual int write(const uint8_t *buf, int size) = 0;
    // Attaches a front end. A multiplexer takes several.
    virtual void set_frontend(const CharFrontend &frontend) { fe = frontend; }
    // The front end has room again: a back end that held bytes back delivers them.
    virtual void accept_input() {}
};

// --- the front end's side
void qemu_chr_fe_set_handlers(Chardev *chr, const CharFrontend &fe);
// Each takes a null chr: output vanishes.
int qemu_chr_fe_write_all(Chardev *chr, const uint8_t *buf, int size);
void qemu_chr_fe_accept_input(Chardev *chr);

// --- the back end's side
int qemu_chr_be_can_write(Chardev *chr);
void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int size);
void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event);

// A kind of back end: `-serial NAME` or `NAME:ARG`, `-chardev NAME,...`.
struct ChardevDriver {
    const char *name;
    const char *desc;
    Chardev *(*open)(const std::string &label, const std::string &arg, Error **errp);
    const char *arg_option = nullptr; // what -chardev calls ARG, which it needs then
    const char *arg_missing = nullptr;
    bool shorthand = false; // not for -chardev
};
void chardev_register(const ChardevDriver *driver);
const std::vector<const ChardevDriver *> &chardev_drivers();
// Opens "stdio", "null", "file:PATH", "mon:stdio" ... under that label; nullptr: *errp is set.
Chardev *qemu_chr_new(const std::string &label, const std::string &spec, Error **errp);
// One -chardev. "chardev: no id specified"
Chardev *qemu_chr_new_from_opts(const QemuOpts *opts, Error **errp);
// `-chardev help`
std::string qemu_chr_help();
Chardev *qemu_chr_find(const std::string &label);
const std::vector<Chardev *> &qemu_chr_list();
// Closes every chardev: the terminal gets its settings back.
void qemu_chr_cleanup();
