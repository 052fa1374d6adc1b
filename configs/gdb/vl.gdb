# gdb's settings for studying vl; vl.py reads this file.

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
