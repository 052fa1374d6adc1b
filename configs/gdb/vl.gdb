# gdb set up for studying vl. `help vl` lists what it adds.

set pagination off
set print pretty on
set print entry-values no
set print object on
set debuginfod enabled off
# a breakpoint on a driver in a loadable module waits until the module is loaded
set breakpoint pending on

# step enters vl's functions, not the library's templates and not the switch between coroutines
# (a star does not go past a slash)
skip -gfi /usr/include/*/*/*
skip -gfi /usr/include/*/*/*/*
skip -gfi /usr/include/*/*/*/*/*
skip -gfi /usr/include/*/*/*/*/*/*
skip -fi util/coroutine.h

define vl
help vl
end
document vl
Commands for studying vl:
  vl-registration   break on each function that puts itself on a list, before main
  vl-phases         break on the phases of main, one after the other
  vl-drive          break along the way of -drive to an open image
  vl-device         break along the way of -device to a realized object
  vl-modules        what is on the lists now, by phase, in order of registration
  vl-errors         break where every error is born
end

define vl-registration
break register_module_init
break register_dso_module_init
end
document vl-registration
Breaks on each function that a constructor puts on a list, before main. Then: run, backtrace.
end

define vl-phases
break main
break module_call_init
break select_machine
break drive_new
break qdev_device_add
break qemu_system_reset
break vm_start
break main_loop
break bdrv_close_all
end
document vl-phases
Breaks on the phases of main, one after the other. Then: run, continue.
end

define vl-drive
break drive_new
break blockdev_init
break blk_new_open
break bdrv_open
break bdrv_open_inherit
break raw_open
end
document vl-drive
Breaks along the way of -drive to an open image, the format's node and the protocol's.
end

define vl-device
break qdev_device_add
break object_new
break type_initialize
break device_set_realized
end
document vl-device
Breaks along the way of -device to a realized object.
end

define vl-modules
set $type = 0
while $type < MODULE_INIT_MAX
output (module_init_type)$type
printf ":\n"
set $entry = init_type_list[$type].first
while $entry
printf "  "
info symbol $entry->init
set $entry = $entry->next
end
set $type = $type + 1
end
end
document vl-modules
Prints what is on the lists of modules now, by phase, in order of registration.
end

define vl-errors
break error_setg_internal
end
document vl-errors
Breaks where every error is born: the backtrace says who found out, and who asked.
end
