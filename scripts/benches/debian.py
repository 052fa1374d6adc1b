# SPDX-License-Identifier: MIT
"""Debian 13 in vl and in QEMU, by the same command line: how long its start takes, and what its
disk and its network carry.

The guest debian-initrd gets a program of its own, which does the WORK below and powers off. All its
times are by the guest's clock, which is the host's.
"""
import os
import re
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time

from common import QEMU, ROOT, VL, alternate, bench_file, image_of
from cpio import archive

MIB = 1 << 20
DISK_MIB, TCP_MIB, BLOCKS = 256, 128, 8192
BLOCKS_MIB = BLOCKS * 4096 / MIB
TIMEOUT = 300  # seconds, of one start with all that follows
DD = f"dd bs=1M count={DISK_MIB}"

# What it is, its MiB, and the shell's words for it.
WORK = (
    ("dd from the disk, direct", DISK_MIB, f"{DD} if=/dev/vda of=/dev/null iflag=direct"),
    ("dd from the disk, cached", DISK_MIB, f"{DD} if=/dev/vda of=/dev/null"),
    ("dd to the disk, direct", DISK_MIB, f"{DD} if=/dev/zero of=/dev/vda oflag=direct"),
    ("dd to the disk, cached, then sync", DISK_MIB, f"{DD} if=/dev/zero of=/dev/vda conv=fsync"),
    ("4 KiB random reads, 1 at once", BLOCKS_MIB, f"guest-io read /dev/vda {BLOCKS} 1"),
    ("4 KiB random reads, 16 at once", BLOCKS_MIB, f"guest-io read /dev/vda {BLOCKS} 16"),
    ("4 KiB random writes, 1 at once", BLOCKS_MIB, f"guest-io write /dev/vda {BLOCKS} 1"),
    ("4 KiB random writes, 16 at once", BLOCKS_MIB, f"guest-io write /dev/vda {BLOCKS} 16"),
    ("TCP from the host", TCP_MIB, f"guest-io receive $from_host {TCP_MIB}"),
    ("TCP to the host", TCP_MIB, f"guest-io send $to_host {TCP_MIB}"),
)
# Of the kernel's command line, the shell gets from_host and to_host as variables.
INITTAB = "::sysinit:/bin/sh /bin/work\n"
SCRIPT = """
ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0
{work}
poweroff -f
"""
STEP = """
echo 3 >/proc/sys/vm/drop_caches
echo "work: {name}"
before=$(guest-io now)
{command} && echo "took $(($(guest-io now) - before)) microseconds"
"""


# --- the machine

def guest(name):
    """The folder of a guest, which is made at the first time."""
    command = os.path.join(ROOT, "scripts", "guest")
    subprocess.run([command, name], check=True)
    return subprocess.run([command, "path", name], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def firmware(name):
    return os.path.join(guest("uboot"), name)


def command_lines(smp, disk, words):
    """Both programs' words. QEMU's machine has the modern transport, as vl's has by itself."""
    common = ["-M", "virt", "-global", "virtio-mmio.force-legacy=false", "-m", "1G",
              "-smp", str(smp), "-display", "none", "-serial", "stdio", "-monitor", "none",
              "-drive", f"file={disk},format=raw,if=none,id=disk",
              "-device", "virtio-blk-device,drive=disk",
              "-netdev", "user,id=net", "-device", "virtio-net-device,netdev=net", *words]
    return {"vl": [VL, *common], "qemu": [QEMU, *common]}


class Console:
    """A running machine and what it has written to its serial port."""

    def __init__(self, argv):
        self.argv, self.text, self.start = argv, "", time.perf_counter()
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def read(self):
        """More of its output; '' at the end."""
        left = self.start + TIMEOUT - time.perf_counter()
        if not self.selector.select(max(left, 0)):
            sys.exit(f"bench: {' '.join(self.argv)}: no end after {TIMEOUT} s:\n{self.text[-2000:]}")
        data = os.read(self.process.stdout.fileno(), 65536).decode("latin-1")
        self.text += data
        return data

    def seconds_to(self, wanted):
        """Until that was written, from the start."""
        while wanted not in self.text:
            if not self.read():
                sys.exit(f"bench: {' '.join(self.argv)}: ended without {wanted!r}:\n{self.text[-2000:]}")
        return time.perf_counter() - self.start

    def rest(self):
        while self.read():
            pass
        return self.text


# --- the host's end of the network

class Server:
    """Serves each connection to a free port in a thread, until it is closed."""

    def __init__(self, serve):
        self.serve, self.listener = serve, socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                self.serve(connection)


def give(connection):
    for _ in range(TCP_MIB):
        connection.sendall(bytes(MIB))


def take(connection):
    while connection.recv(MIB):
        pass
    connection.sendall(b".")


# --- the work

def work_initrd(folder):
    """debian-initrd's, with the program and a script that does all of WORK: its path."""
    steps = (STEP.format(name=name, command=command) for name, _, command in WORK)
    with open(bench_file("guest-io"), "rb") as program:
        files = {"bin/guest-io": program.read(), "etc/inittab": INITTAB.encode(),
                 "bin/work": SCRIPT.format(work="".join(steps)).encode()}
    path = bench_file("debian-initrd.gz")
    with open(path, "wb") as out, open(os.path.join(folder, "initrd.gz"), "rb") as initrd:
        shutil.copyfileobj(initrd, out)
        out.write(archive(files))
    return path


def rates(text):
    """MiB a second of each step, in WORK's order, by what the guest has printed."""
    result = []
    for name, mib, _ in WORK:
        took = re.search(rf"work: {name}\r\n(?:(?!work: ).)*?took (\d+) microseconds", text, re.S)
        if not took:
            sys.exit(f"bench: {name}: the guest said:\n{text[-2000:]}")
        result.append(mib / int(took[1]) * 1e6)
    return result


def initrd_run(argv):
    """Seconds to the first line of /init, and the rates."""
    with Console(argv) as console:
        seconds = console.seconds_to("init: this is the initrd")
        return [seconds, *rates(console.rest())]


def disk_run(argv):
    """Seconds to `login:`, from a fresh copy of the guest's disk."""
    subprocess.run(["cp", "--sparse=always", os.path.join(guest("debian-disk"), "disk.img"),
                    bench_file("debian-disk.img")], check=True)
    with Console(argv) as console:
        return [console.seconds_to("login: ")]


# --- the table

def print_row(name, results, digits):
    vl, qemu = (statistics.median(results[who]) for who in ("vl", "qemu"))
    print(f"{name:40}{vl:9.{digits}f}{qemu:9.{digits}f}{vl / qemu:9.2f}", flush=True)


def print_head(title):
    print(f"\n{title:40}{'vl':>9}{'qemu':>9}{'vl/qemu':>9}")


def column(results, index):
    return {who: [row[index] for row in rows] for who, rows in results.items()}


def debian(runs):
    folder = guest("debian-initrd")
    servers = {"from_host": Server(give), "to_host": Server(take)}
    ports = " ".join(f"{name}={server.port}" for name, server in servers.items())
    words = ["-bios", firmware("fw_dynamic.bin"),
             "-kernel", os.path.join(folder, "Image"), "-initrd", work_initrd(folder),
             "-append", f"console=ttyS0 {ports}"]
    image = image_of("debian-work.img", DISK_MIB * MIB)
    print(f"Debian 13: medians of {runs} alternating runs")
    results = {smp: alternate(command_lines(smp, image, words), runs, initrd_run)
               for smp in (1, 2)}
    print_head("seconds from start")
    for smp, result in results.items():
        print_row(f"the first line of /init, -smp {smp}", column(result, 0), 2)
    words = ["-bios", firmware("fw_jump.bin"),
             "-kernel", firmware("u-boot.bin")]
    lines = command_lines(2, bench_file("debian-disk.img"), words)
    print_row("login: of debian-disk, -smp 2", column(alternate(lines, runs, disk_run), 0), 2)
    for smp, result in results.items():
        print_head(f"MiB/s, -smp {smp}")
        for index, (name, _, _) in enumerate(WORK, 1):
            print_row(name, column(result, index), 1)
