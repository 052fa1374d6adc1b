// SPDX-License-Identifier: MIT
/* Chardevs on the terminal and on files: stdio, mon:stdio, file:PATH, null.
 *
 * In gdb: b char_stdio::input_ready */
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "util/aio.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/module.h"
#include "vl/char-mux.h"

namespace char_stdio {

// Writes all of it, waiting where the reader is slow.
static int write_fully(int fd, const uint8_t *buf, int size) {
    int done = 0;
    while (done < size) {
        ssize_t n = ::write(fd, buf + done, size - done);
        if (n > 0) {
            done += static_cast<int>(n);
        } else if (errno == EAGAIN) {
            pollfd p{ fd, POLLOUT, 0 };
            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return size;
}

// --- stdio

static bool in_use;
static bool has_saved_tty;
static termios saved_tty;

static void restore_tty() {
    if (has_saved_tty) tcsetattr(STDIN_FILENO, TCSANOW, &saved_tty);
    has_saved_tty = false;
}

// Every key goes to the machine as it is typed; with `signals`, Ctrl-C still ends the process.
static void set_raw_tty(bool signals) {
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved_tty) != 0) return;
    has_saved_tty = true;
    atexit(restore_tty); // also when an error ends the process
    termios tty = saved_tty;
    tty.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    tty.c_oflag |= OPOST;
    tty.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
    if (!signals) tty.c_lflag &= ~ISIG;
    tty.c_cc[VMIN] = 1;
    tty.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &tty);
}

struct StdioChardev : Chardev {
    bool watching = false;

    StdioChardev() { filename = "stdio"; }
    ~StdioChardev() override {
        watch(false);
        restore_tty();
        in_use = false;
    }
    int write(const uint8_t *buf, int size) override {
        return write_fully(STDOUT_FILENO, buf, size);
    }
    void set_frontend(const CharFrontend &frontend) override {
        fe = frontend;
        watch(fe.read != nullptr);
    }
    void accept_input() override { watch(fe.read != nullptr); }
    void watch(bool on);
};

static void input_ready(void *opaque) {
    auto *chr = static_cast<StdioChardev *>(opaque);
    uint8_t buf[4096];
    int room = std::min<int>(qemu_chr_be_can_write(chr), sizeof buf);
    if (room <= 0) {
        chr->watch(false); // until accept_input()
        return;
    }
    ssize_t n = read(STDIN_FILENO, buf, room);
    if (n > 0) {
        qemu_chr_be_write(chr, buf, static_cast<int>(n));
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        aio_set_fd_handler(qemu_get_aio_context(), STDIN_FILENO, nullptr, nullptr, nullptr);
        chr->watching = true; // for good: there is nothing more to come
        qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    }
}

void StdioChardev::watch(bool on) {
    if (on == watching) return;
    watching = on;
    aio_set_fd_handler(qemu_get_aio_context(), STDIN_FILENO, on ? input_ready : nullptr, nullptr,
                       this);
}

static Chardev *open_tty(bool signals, Error **errp) {
    if (in_use) {
        error_setg(errp, "cannot use stdio by multiple character devices");
        return nullptr;
    }
    in_use = true;
    set_raw_tty(signals);
    return new StdioChardev;
}

static Chardev *open_stdio(const std::string &, const std::string &, Error **errp) {
    return open_tty(/*signals=*/true, errp);
}

// "mon:stdio": a multiplexer on the terminal. Ctrl-C goes to the guest.
static Chardev *open_mon(const std::string &label, const std::string &arg, Error **errp) {
    Chardev *base = arg == "stdio" ? open_tty(/*signals=*/false, errp)
                                   : qemu_chr_new(label + "-base", arg, errp);
    return base ? mux_chardev_new(base) : nullptr;
}

// --- files

struct FileChardev : Chardev {
    int fd;

    explicit FileChardev(int file) : fd(file) { filename = "file"; }
    ~FileChardev() override { close(fd); }
    int write(const uint8_t *buf, int size) override { return write_fully(fd, buf, size); }
};

static Chardev *open_file(const std::string &, const std::string &path, Error **errp) {
    int fd = open(path.c_str(), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        error_setg(errp, "Could not open '%s': %s", path.c_str(), strerror(errno));
        return nullptr;
    }
    return new FileChardev(fd);
}

struct NullChardev : Chardev {
    NullChardev() { filename = "null"; }
    int write(const uint8_t *, int size) override { return size; }
};

static Chardev *open_null(const std::string &, const std::string &, Error **) {
    return new NullChardev;
}

static const ChardevDriver drivers[] = {
    { "stdio", "the terminal", open_stdio },
    { "mon", "another one, shared with the monitor (Ctrl-a c)", open_mon, nullptr, nullptr, true },
    { "file", "output to a file", open_file, "path", "no filename given" },
    { "null", "nothing", open_null },
};

static void register_drivers() {
    for (const ChardevDriver &driver : drivers) chardev_register(&driver);
}

type_init(register_drivers)

} // namespace char_stdio
