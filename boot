#!/bin/bash
# Builds vl and starts it.
#
#   ./boot                     the toy machine with its demonstration disk
#   ./boot debian [WORD...]    Debian 13's kernel and a small initrd, to a shell in this terminal
#   ./boot debian-disk [...]   Debian 13 from a raw disk, to `login:`; the disk is build/debian.img
#   ./boot WORD...             vl with these words, as in `./boot -M help`
#
# The words after `debian` go to vl as well: `./boot debian -smp 4 -drive ...`. The disk of
# `debian-disk` is made at the first time, by Debian's own programs inside vl: that takes a while.
# The first run installs the packages that are missing and builds; later ones start at once.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/scripts/lib.sh"

vl=$root/build/release/vl

# No words: the demonstration, in a window where there is a window system.
demo() {
    local display=(-serial mon:stdio)
    if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
        say "no window system here: this terminal is the machine's serial port"
        say "to see its screen: Ctrl-a c, then 'screendump screen.png' (Ctrl-a c comes back);"
        say "or start this under a window system (from afar: ssh -X)"
        display=(-nographic)
    fi
    say "to leave: q, or Ctrl-a x"
    exec "$vl" -drive "file=$root/build/release/demo.img,format=raw,if=virtio" "${display[@]}"
}

# A guest's folder; it is made at the first time.
guest() {
    "$root/scripts/guest" "$1" && "$root/scripts/guest" path "$1"
}

debian() {
    local firmware initrd
    firmware=$(guest uboot)/fw_dynamic.bin
    initrd=$(guest debian-initrd)
    say "to leave: poweroff, or Ctrl-a x"
    exec "$vl" -m 1G -smp 2 -bios "$firmware" -kernel "$initrd/Image" \
        -initrd "$initrd/initrd.gz" -append console=ttyS0 -nographic "$@"
}

debian_disk() {
    local firmware made disk=$root/build/debian.img
    firmware=$(guest uboot)
    if [[ ! -f $disk ]]; then
        made=$(guest debian-disk)
        cp --sparse=always "$made/disk.img" "$disk.partial"
        mv "$disk.partial" "$disk"
    fi
    say "log in as root, without a password; to leave: poweroff, or Ctrl-a x"
    exec "$vl" -m 1G -smp 2 -bios "$firmware/fw_jump.bin" \
        -kernel "$firmware/u-boot.bin" \
        -drive "file=$disk,format=raw,if=virtio" -nographic "$@"
}

setup build
# A first build is without the tests; one that ./check has set up keeps them.
if [[ -f $root/build/release/build.ninja ]]; then
    configure_preset release
else
    configure_preset release -DVL_TESTS=OFF
fi
build_preset release

case ${1-} in
'') demo ;;
debian) debian "${@:2}" ;;
debian-disk) debian_disk "${@:2}" ;;
*) exec "$vl" "$@" ;;
esac
