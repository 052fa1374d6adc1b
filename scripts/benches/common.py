# SPDX-License-Identifier: MIT
"""What the benchmarks share: the two programs, and runs that take turns."""
import os
import statistics
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "release")
VL = os.path.join(BUILD, "vl")
QEMU = "qemu-system-riscv64"


def bench_file(name):
    """A path in the build's folder for benchmarks."""
    folder = os.path.join(BUILD, "bench")
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name)


def image_of(name, size):
    """A disk image of random bytes: its path. It is made once."""
    path = bench_file(name)
    if not os.path.exists(path) or os.path.getsize(path) != size:
        with open(path, "wb") as image:
            for _ in range(size >> 20):
                image.write(os.urandom(1 << 20))
    return path


def spawn(argv):
    return os.posix_spawnp(argv[0], argv, os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                                         (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])


def usage_of(argv):
    """Runs argv to its end: wall-clock and processor seconds."""
    start = time.perf_counter()
    _, status, usage = os.wait4(spawn(argv), 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"bench: {' '.join(argv)}: ended with status {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_utime + usage.ru_stime


def seconds_of(argv):
    """Runs argv to its end: wall-clock seconds."""
    return usage_of(argv)[0]


def alternate(lines, runs, measure):
    """What `measure` says of each command line, by name, in turn: {name: [result of each run]}."""
    results = {name: [] for name in lines}
    for _ in range(runs):
        for name, argv in lines.items():
            results[name].append(measure(argv))
    return results


def medians(results):
    """The median of each column: {name: tuple}. A result is a tuple of numbers."""
    return {name: tuple(map(statistics.median, zip(*rows))) for name, rows in results.items()}
