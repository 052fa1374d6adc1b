// SPDX-License-Identifier: MIT
/* The chardev on the terminal: stdio.
 *
 * In gdb: b char_stdio::set_raw_tty     b char_fd::input_ready */
#include <cstdlib>

#include <termios.h>
#include <unistd.h>

#include "util/error.h"
#include "util/module.h"
#include "vl/char-fd.h"

namespace char_stdio {

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

struct StdioChardev : FdChardev {
    StdioChardev() : FdChardev("stdio", STDIN_FILENO, STDOUT_FILENO) {}
    ~StdioChardev() override {
        restore_tty();
        in_use = false;
    }
    int terminal() const override { return isatty(STDOUT_FILENO) ? STDOUT_FILENO : -1; }
};

static Chardev *open_stdio(const QemuOpts &opts, Error **errp) {
    if (in_use) {
        error_setg(errp, "cannot use stdio by multiple character devices");
        return nullptr;
    }
    in_use = true;
    set_raw_tty(qemu_opt_get_bool(&opts, "signal", true));
    return new StdioChardev;
}

static const ChardevDriver driver = { "stdio", open_stdio, { { "signal", QEMU_OPT_BOOL } } };

static void register_stdio() { chardev_register(&driver); }

type_init(register_stdio)

} // namespace char_stdio
