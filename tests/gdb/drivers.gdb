# Who calls bdrv_file_init? main, in its first phases.
set pagination off
set width 0
set print entry-values no
set print address off
set debuginfod enabled off
break bdrv_file_init
run
backtrace
kill
