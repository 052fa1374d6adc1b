// SPDX-License-Identifier: MIT
/* Chardev: a stream of bytes between a device (or the monitor) and something on the host.
 *
 * A back end (stdio, file, socket, null, ...) derives from Chardev and registers itself by name
 * with chardev_register(). The front end - a UART, a monitor, the gdb stub - sets its handlers with
 * qemu_chr_fe_set_handlers: it is asked how much it can take before it is given bytes, and hears
 * when a slow host takes more. All under the big lock. */
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "util/option.h"

enum QEMUChrEvent { CHR_EVENT_OPENED, CHR_EVENT_CLOSED, CHR_EVENT_BREAK };

// How many bytes the front end can take now.
using IOCanReadHandler = int (*)(void *opaque);
using IOReadHandler = void (*)(void *opaque, const uint8_t *buf, int size);
using IOEventHandler = void (*)(void *opaque, QEMUChrEvent event);
using IOWritableHandler = void (*)(void *opaque);

struct CharFrontend {
    IOCanReadHandler can_read = nullptr;
    IOReadHandler read = nullptr;
    IOEventHandler event = nullptr;
    void *opaque = nullptr;
    IOWritableHandler writable = nullptr; // behind a qemu_chr_fe_write that took less than all
};

// Invariant: while `unsent` holds bytes, nothing else is written: order is kept.
struct Chardev {
    std::string label;    // its id: "serial0"
    std::string filename; // as `info chardev` and `info qtree` print it: "stdio", "null"
    CharFrontend fe;
    std::string unsent; // what qemu_chr_fe_write_all has and the host does not take yet

    virtual ~Chardev() = default;
    // Gives the host what it takes without waiting, and returns how much that was. A host that is
    // gone takes all, and loses it.
    virtual int write(const uint8_t *buf, int size) = 0;
    // A write took less than all: calls qemu_chr_be_writable() once there is room.
    virtual void watch_output() {}
    // Attaches a front end, and tells it if the other end is open. A multiplexer takes several.
    virtual void set_frontend(const CharFrontend &frontend);
    // The front end has room again: a back end that held bytes back delivers them.
    virtual void accept_input() {}
    // Is somebody at the other end? They come and go with CHR_EVENT_OPENED and _CLOSED.
    virtual bool is_open() const { return true; }
    // A descriptor of the terminal that shows what is written, if it is one of ours; else -1.
    virtual int terminal() const { return -1; }
};

// --- the front end's side. Each takes a null chr: output vanishes.
void qemu_chr_fe_set_handlers(Chardev *chr, const CharFrontend &fe);
// Returns how much the host took; if it is not all, fe.writable is called when it takes more.
int qemu_chr_fe_write(Chardev *chr, const uint8_t *buf, int size);
// Holds what the host does not take. For one who asks for no more meanwhile: see below.
void qemu_chr_fe_write_all(Chardev *chr, const uint8_t *buf, int size);
// Has the host taken everything? Until then a front end that answers requests takes none.
bool qemu_chr_fe_drained(const Chardev *chr);
void qemu_chr_fe_accept_input(Chardev *chr);

// --- the back end's side
int qemu_chr_be_can_write(Chardev *chr);
void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int size);
void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event);
void qemu_chr_be_writable(Chardev *chr);

// --- kinds of back ends

// `-chardev NAME,id=...`
struct ChardevDriver {
    const char *name;
    Chardev *(*open)(const QemuOpts &opts, Error **errp);
    std::vector<QemuOptDesc> options = {}; // beside backend, id and mux
};
void chardev_register(const ChardevDriver *driver);
const std::vector<const ChardevDriver *> &chardev_drivers();
// What shares a back end among several front ends (mux=on).
void chardev_register_mux(Chardev *(*mux_new)(Chardev *base));

// Reads "stdio", "null", "file:PATH", "unix:PATH,server=on", "tcp:HOST:PORT,...", "mon:stdio" ...
// as options of -chardev; nullptr: "'x' is not a valid char driver".
std::unique_ptr<QemuOpts> qemu_chr_parse_compat(const std::string &label, const std::string &spec,
                                                Error **errp);
// Opens one of these under that label, or finds "chardev:ID"; nullptr: *errp is set.
Chardev *qemu_chr_new(const std::string &label, const std::string &spec, Error **errp);
// One -chardev. "chardev: no id specified"
Chardev *qemu_chr_new_from_opts(const QemuOpts &opts, Error **errp);
// `-chardev help`
std::string qemu_chr_help();
Chardev *qemu_chr_find(const std::string &label);
const std::vector<Chardev *> &qemu_chr_list();
void qemu_chr_delete(Chardev *chr);
// Closes every chardev: the terminal gets its settings back.
void qemu_chr_cleanup();
