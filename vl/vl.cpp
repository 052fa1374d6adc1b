// SPDX-License-Identifier: MIT
/* main: the boot sequence of the emulator, one phase a line.
 *
 * Before main, constructors have put every module's init functions on the lists of util/module.h.
 * The order below is this project's own: QEMU 2.8 runs TRACE, QOM, QAPI, OPTS, then BLOCK.
 *
 * In gdb: b main, then n for a phase at a time; docs/boot-sequence.md walks through it */
#include <cstdio>
#include <cstdlib>

#include "block/block.h"
#include "hw/core/cpu.h"
#include "hw/net/net.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "util/trace.h"
#include "vl/cmdline.h"
#include "vl/display.h"
#include "vl/gdbstub.h"
#include "vl/machine_setup.h"
#include "vl/monitor.h"
#include "vl/phase.h"
#include "vl/runstate.h"

int main(int argc, char **argv) {
    error_set_progname(argv[0]);
    qemu_init_exec_dir(argv[0]);
    trace_start_clock();
    bql_lock(); // given up only while waiting for events

    module_call_init(MODULE_INIT_TRACE);
    parse_early_options(argc, argv); // -trace, -stop-at: from the first registration on

    phase_advance(PHASE_BLOCK);
    bdrv_init_with_whitelist(); // -> bdrv_init -> module_call_init(MODULE_INIT_BLOCK)
    phase_advance(PHASE_QOM);
    module_call_init(MODULE_INIT_QOM);
    phase_advance(PHASE_QAPI);
    module_call_init(MODULE_INIT_QAPI);
    phase_advance(PHASE_OPTS);
    module_call_init(MODULE_INIT_OPTS);

    phase_advance(PHASE_COMMAND_LINE);
    CommandLine cmdline;
    parse_command_line(argc, argv, &cmdline);

    phase_advance(PHASE_MACHINE);
    create_machine(&cmdline); // select_machine, object_new, properties, accelerator
    create_objects();         // -object -> user_creatable_add
    phase_advance(PHASE_CHARDEVS);
    create_chardevs(&cmdline); // serial ports, and the monitor's end of them
    phase_advance(PHASE_DRIVES);
    create_drives();  // drive_new -> blockdev_init -> blk_new_open -> bdrv_open
    create_network(); // -netdev, -nic: net_init_clients -> net_client_init
    phase_advance(PHASE_BOARD);
    create_board(); // machine_class->init
    phase_advance(PHASE_DEVICES);
    create_devices(); // -device -> qdev_device_add
    phase_advance(PHASE_FIRMWARE);
    finish_machine(); // firmware, kernel, device tree

    phase_advance(PHASE_FRONT_ENDS);
    runstate_catch_signals();
    display_init(cmdline.display, cmdline.nographic);
    create_gdbserver(&cmdline); // -gdb, -s
    monitor_init();
    runstate_set_actions(cmdline.reboot, cmdline.shutdown);

    phase_advance(PHASE_RESET);
    qemu_system_reset(SHUTDOWN_CAUSE_NONE);
    phase_advance(PHASE_RUN);
    if (cmdline.autostart) vm_start();
    int status = main_loop();

    phase_advance(PHASE_CLEANUP);
    MonitorCommandScope last; // what the next command could ask for is going
    gdbserver_exit(status);
    cpu_remove_all();
    display_cleanup();
    net_cleanup();
    bdrv_close_all();
    delete_objects();
    qemu_chr_cleanup();
    return status;
}
