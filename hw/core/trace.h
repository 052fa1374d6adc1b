// SPDX-License-Identifier: MIT
/* Devices, memory, interrupts: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TraceText, TraceText, bool>
    trace_device_set_realized{ "device_set_realized", "type path value" };
inline constinit TraceEvent<TraceText, TraceText> trace_qdev_reset{ "qdev_reset", "type id" };
inline constinit TraceEvent<TracePointer, int, int>
    trace_qemu_set_irq{ "qemu_set_irq", "line n level" };
inline constinit TraceEvent<int, TraceText, uint64_t, uint64_t, unsigned>
    trace_memory_region_ops_read{ "memory_region_ops_read", "cpu name #addr #value size" };
inline constinit TraceEvent<int, TraceText, uint64_t, uint64_t, unsigned>
    trace_memory_region_ops_write{ "memory_region_ops_write", "cpu name #addr #value size" };
inline constinit TraceEvent<TraceText, TraceText, uint64_t>
    trace_register_read{ "register_read", "device register #value" };
inline constinit TraceEvent<TraceText, TraceText, uint64_t>
    trace_register_write{ "register_write", "device register #value" };
inline constinit TraceEvent<TraceText, uint64_t> trace_load_file{ "load_file", "name bytes" };
inline constinit TraceEvent<TraceText, uint64_t, uint64_t>
    trace_loader_write_rom{ "loader_write_rom", "name #addr #size" };
inline constinit TraceEvent<TraceText, uint64_t> trace_ram_block_dirty{
    "ram_block_dirty", "name #offset" };
inline constinit TraceEvent<int> trace_cpu_exec{ "cpu_exec", "cpu" };
inline constinit TraceEvent<int> trace_cpu_resume{ "cpu_resume", "cpu" };
inline constinit TraceEvent<int> trace_cpu_stop{ "cpu_stop", "cpu" };
inline constinit TraceEvent<bool, int, TraceText>
    trace_vm_state_notify{ "vm_state_notify", "running reason reason_str" };
inline constinit TraceEvent<TraceText>
    trace_qemu_system_reset_request{ "qemu_system_reset_request", "reason" };
inline constinit TraceEvent<TraceText, int>
    trace_qemu_system_shutdown_request{ "qemu_system_shutdown_request", "reason status" };
// clang-format on
