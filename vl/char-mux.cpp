// SPDX-License-Identifier: MIT
/* The multiplexer. See vl/char-mux.h.
 *
 * In gdb: b char_mux::handle_key */
#include "vl/char-mux.h"

#include <algorithm>
#include <deque>

#include "hw/core/system.h"
#include "util/error.h"
#include "util/module.h"

namespace char_mux {

static constexpr uint8_t ESCAPE = 0x01; // Ctrl-a

struct MuxChardev : Chardev {
    Chardev *base;
    std::vector<CharFrontend> frontends;
    size_t focus = 0;
    bool got_escape = false;
    std::deque<uint8_t> held; // what the front end in focus has no room for yet
    bool delivering = false;  // deliver() is at work

    explicit MuxChardev(Chardev *b);
    ~MuxChardev() override { delete base; }
    int write(const uint8_t *buf, int size) override { return base->write(buf, size); }
    void watch_output() override { base->watch_output(); }
    bool is_open() const override { return base->is_open(); }
    int terminal() const override { return base->terminal(); }
    void set_frontend(const CharFrontend &frontend) override;
    void accept_input() override;
};

static void print(MuxChardev *mux, const std::string &text) {
    qemu_chr_fe_write_all(mux, reinterpret_cast<const uint8_t *>(text.data()),
                          static_cast<int>(text.size()));
}

static void print_help(MuxChardev *mux) {
    print(mux, "\r\n"
               "C-a h    print this help\r\n"
               "C-a x    exit emulator\r\n"
               "C-a b    send break (magic sysrq)\r\n"
               "C-a c    switch between console and monitor\r\n"
               "C-a C-a  sends C-a\r\n");
}

static void send_event(MuxChardev *mux, QEMUChrEvent event) {
    if (mux->frontends.empty()) return;
    const CharFrontend &fe = mux->frontends[mux->focus];
    if (fe.event) fe.event(fe.opaque, event);
}

static void next_frontend(MuxChardev *mux) {
    if (mux->frontends.empty()) return;
    send_event(mux, CHR_EVENT_CLOSED);
    mux->focus = (mux->focus + 1) % mux->frontends.size();
    send_event(mux, CHR_EVENT_OPENED);
}

// True if the key is to reach the front end.
static bool handle_key(MuxChardev *mux, uint8_t key) {
    if (!mux->got_escape) {
        mux->got_escape = key == ESCAPE;
        return !mux->got_escape;
    }
    mux->got_escape = false;
    switch (key) {
    case ESCAPE:
        return true;
    case 'h':
    case '?':
        print_help(mux);
        break;
    case 'x':
        print(mux, std::string(error_progname()) + ": Terminated\r\n");
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_UI);
        break;
    case 'b':
        send_event(mux, CHR_EVENT_BREAK);
        break;
    case 'c':
        next_frontend(mux);
        break;
    default:
        break;
    }
    return false;
}

// What the front end does with a byte may lead here again.
static void deliver(MuxChardev *mux) {
    if (mux->delivering) return;
    mux->delivering = true;
    while (!mux->held.empty() && !mux->frontends.empty()) {
        const CharFrontend &fe = mux->frontends[mux->focus];
        if (!fe.can_read || fe.can_read(fe.opaque) <= 0) break;
        uint8_t byte = mux->held.front();
        mux->held.pop_front();
        fe.read(fe.opaque, &byte, 1);
    }
    mux->delivering = false;
}

// Always takes something, so that Ctrl-a works while the guest is not listening.
static int mux_can_read(void *opaque) {
    return static_cast<MuxChardev *>(opaque)->held.size() < 4096 ? 32 : 1;
}

static void mux_read(void *opaque, const uint8_t *buf, int size) {
    auto *mux = static_cast<MuxChardev *>(opaque);
    for (int i = 0; i < size; i++) {
        if (!handle_key(mux, buf[i])) continue;
        if (mux->held.size() < 8192) mux->held.push_back(buf[i]);
        deliver(mux);
    }
}

// The peer of a socket comes and goes for the front end in focus.
static void base_event(void *opaque, QEMUChrEvent event) {
    send_event(static_cast<MuxChardev *>(opaque), event);
}

static void base_writable(void *opaque) { qemu_chr_be_writable(static_cast<MuxChardev *>(opaque)); }

static void tell_all_writable(void *opaque) {
    for (const CharFrontend &fe : static_cast<MuxChardev *>(opaque)->frontends) {
        if (fe.writable) fe.writable(fe.opaque);
    }
}

MuxChardev::MuxChardev(Chardev *b) : base(b) {
    filename = "mux";
    fe.writable = tell_all_writable;
    fe.opaque = this;
}

// One without handlers: whoever came with that `opaque` goes.
void MuxChardev::set_frontend(const CharFrontend &frontend) {
    bool comes = frontend.read || frontend.event;
    auto same = [&](const CharFrontend &fe) { return fe.opaque == frontend.opaque; };
    if (!comes) {
        auto it = std::find_if(frontends.begin(), frontends.end(), same);
        if (it == frontends.end()) return;
        auto index = static_cast<size_t>(it - frontends.begin());
        frontends.erase(it);
        if (focus > index || focus == frontends.size()) focus = focus ? focus - 1 : 0;
        return;
    }
    frontends.push_back(frontend);
    if (frontends.size() > 1) return;
    // tells the first front end if somebody is there already
    base->set_frontend({ mux_can_read, mux_read, base_event, this, base_writable });
}

void MuxChardev::accept_input() {
    deliver(this);
    base->accept_input();
}

} // namespace char_mux

namespace char_mux {

static Chardev *mux_new(Chardev *base) { return new MuxChardev(base); }

static void register_mux() { chardev_register_mux(mux_new); }

type_init(register_mux)

} // namespace char_mux

bool chardev_is_mux(const Chardev *chr) {
    return dynamic_cast<const char_mux::MuxChardev *>(chr) != nullptr;
}
