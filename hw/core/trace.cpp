// SPDX-License-Identifier: MIT
/* Devices, memory, interrupts: the register of trace events. */
#include "hw/core/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_device_set_realized,
    &trace_qdev_reset,
    &trace_qemu_set_irq,
    &trace_memory_region_ops_read,
    &trace_memory_region_ops_write,
    &trace_register_read,
    &trace_register_write,
    &trace_load_file,
    &trace_loader_write_rom,
    &trace_ram_block_dirty,
    &trace_cpu_exec,
    &trace_cpu_resume,
    &trace_cpu_stop,
    &trace_vm_state_notify,
    &trace_qemu_system_reset_request,
    &trace_qemu_system_shutdown_request,
};

static void hw_core_trace_init() { trace_event_register_group(events); }

trace_init(hw_core_trace_init)
