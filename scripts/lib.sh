# shellcheck shell=bash
# What the project's scripts share: messages, progress, packages, builds.
#
# Source it after `set -euo pipefail`. It sets `root`, the checkout's folder.
# All of it talks on standard error, so that a script's standard output carries
# only what was asked for.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${0##*/}
# mkfs and its like are there for users as well
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s: %s\n' "$program" "$*" >&2; }
die() { say "$@"; exit 1; }

# Where guests and other things made once are kept.
cache_folder() {
    local base=${VL_CACHE:-${XDG_CACHE_HOME:-~/.cache}}
    printf '%s/vl\n' "$base"
}

# --- progress

# progress LABEL PASS [DROP]: read a long command's output. On a terminal its last line is shown
# in place; elsewhere a line every 15 seconds. Lines that match PASS are always printed whole,
# lines that match DROP never.
progress() {
    local label=$1 pass=$2 drop=${3:-^$} line columns clear='' last=$SECONDS
    if [[ -t 2 ]]; then columns=$(stty size <&2 2>/dev/null | cut -d' ' -f2); fi
    while IFS= read -r line; do
        if [[ $line =~ $drop ]]; then
            continue
        elif [[ $line =~ $pass ]]; then
            printf '%s%s\n' "$clear" "$line" >&2
            clear=''
        elif [[ -t 2 ]]; then
            clear=$'\r\033[K'
            printf '%s%.*s' "$clear" "$((${columns:-80} - 1))" "$label: $line" >&2
        elif ((SECONDS - last >= 15)); then
            say "$label: $line"
            last=$SECONDS
        fi
    done
    printf '%s' "$clear" >&2
}

# --- packages

# The packages of the sections named, from packages.txt.
packages_of() {
    awk -v wanted=" $* " '
        /^#/ || NF == 0 { next }
        /^\[/ { gsub(/[][]/, "", $1); take = index(wanted, " " $1 " "); next }
        take { print $1 }' "$root/scripts/packages.txt" | sort -u
}

# Those of the packages named that are not installed, in one query of dpkg.
missing_packages() {
    local have
    have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    local name
    for name in "$@"; do
        if [[ $'\n'$have$'\n' != *$'\n'"installed $name"$'\n'* ]]; then printf '%s\n' "$name"; fi
    done
}

# apt-get as root, by sudo where need be.
apt_as_root() {
    local sudo=()
    if ((EUID != 0)); then sudo=(sudo); fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1 |
        progress apt-get '^(E|Err|dpkg: error|sudo)[: ]'
}

# install_packages NAME...: as one step. Nothing is asked and nothing recommended comes along.
install_packages() {
    if ! command -v apt-get >/dev/null; then
        die "needs these Debian packages, and this system has no apt-get: $*"
    fi
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        die "needs packages, and this is neither root nor a system with sudo. As root:" \
            "apt-get install --no-install-recommends $*"
    fi
    say "installing $# packages: $*"
    apt_as_root update || die "apt-get update failed: is the network there?"
    apt_as_root install --no-install-recommends "$@" || die "apt-get could not install: $*"
}

# setup SECTION...: see to it that those sections' packages are installed.
setup() {
    local packages missing
    # no `< <(...)` here: it needs /proc, which a bare chroot lacks
    mapfile -t packages <<<"$(packages_of "$@")"
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian system; going on in the hope that these are there: ${packages[*]}"
        return
    fi
    mapfile -t missing <<<"$(missing_packages "${packages[@]}")"
    if [[ -n ${missing[0]} ]]; then install_packages "${missing[@]}"; fi
}

# --- builds

# configure_preset PRESET [-DOPTION=VALUE...]: when there is no build yet, when the presets have
# changed, or when options are given that the last configuration had not.
configure_preset() {
    local preset=$1 build=$root/build/$1 stamp=$root/build/$1/configured-as
    shift
    if [[ -f $build/build.ninja && $root/CMakePresets.json -ot $stamp ]] &&
        [[ $* == "$(<"$stamp")" || $* == '' ]]; then
        return
    fi
    say "configuring build/$preset"
    local log=$root/build/$preset.configure.log
    mkdir -p "$build"
    if ! (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1; then
        cat "$log" >&2
        die "cmake could not configure the preset $preset"
    fi
    printf '%s\n' "$*" >"$stamp"
}

# build_preset PRESET [TARGET...]: silent when there is nothing to do.
build_preset() {
    local preset=$1
    shift
    NINJA_STATUS='[%f/%t] ' ninja -C "$root/build/$preset" "$@" </dev/null 2>&1 |
        progress "build/$preset" '^[^[]' \
            '^ninja: (Entering directory|no work to do)|Re-checking globbed directories' ||
        die "the preset $preset does not build"
}
