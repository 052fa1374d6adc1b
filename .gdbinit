# For `gdb build/study/vl` started in this folder. gdb reads this file only from folders it is told to
# trust; once: echo "add-auto-load-safe-path $PWD" >> ~/.config/gdb/gdbinit
# Or for one run: gdb -x .gdbinit build/study/vl
source configs/gdb/vl.py
