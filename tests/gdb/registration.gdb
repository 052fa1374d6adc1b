# Who puts bdrv_raw_init on its list? A constructor, before main.
set pagination off
set width 0
set print entry-values no
set print address off
set debuginfod enabled off
break register_module_init if fn == bdrv_raw_init
run
backtrace
kill
