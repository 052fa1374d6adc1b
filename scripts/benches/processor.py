# SPDX-License-Identifier: MIT
"""The guests of tests/bench, and what a start costs."""
import os
import signal
import statistics
import time

from common import BUILD, QEMU, ROOT, VL, alternate, seconds_of, spawn


def resident_kib(argv):
    """Peak resident KiB of argv, which waits (-S) with its machine made, and is then ended."""
    pid = spawn(argv + ["-S"])
    time.sleep(0.5)
    with open(f"/proc/{pid}/status") as status:
        kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return kib


def command_lines(guest):
    common = ["-display", "none", "-serial", "null", "-monitor", "none",
              "-bios", os.path.join(BUILD, "bench", guest + ".elf")]
    return {"vl": [VL] + common, "qemu": [QEMU, "-M", "virt"] + common}


def compare(lines, runs):
    """Seconds of each of the alternating runs, by name."""
    alternate(lines, 1, seconds_of)  # warms the page cache
    return alternate(lines, runs, seconds_of)


def guests(runs):
    folder = os.path.join(ROOT, "tests", "bench", "guests")
    names = sorted(name[:-2] for name in os.listdir(folder)
                   if name.endswith(".S") and name != "power-off.S")
    print(f"guests, seconds from exec to exit: medians of {runs} alternating runs")
    print(f"{'':12}{'vl':>8}{'qemu':>8}{'vl/qemu':>10}")
    ratios = []
    for name in names:
        median = {who: statistics.median(runs_of)
                  for who, runs_of in compare(command_lines(name), runs).items()}
        ratios.append(median["vl"] / median["qemu"])
        print(f"{name:12}{median['vl']:8.3f}{median['qemu']:8.3f}{ratios[-1]:10.2f}")
    print(f"{'geometric mean':28}{statistics.geometric_mean(ratios):10.2f}")


def startup(runs):
    lines = command_lines("power-off")
    seconds = compare(lines, runs)
    rows = {name: (statistics.median(seconds[name]) * 1000, resident_kib(argv))
            for name, argv in lines.items()}
    print(f"start-up, exec to exit: medians of {runs} alternating runs")
    print(f"{'':8}{'milliseconds':>14}{'resident KiB':>14}")
    for name, (milliseconds, kib) in rows.items():
        print(f"{name:8}{milliseconds:14.2f}{kib:14}")
    ratios = [vl / qemu for vl, qemu in zip(rows["vl"], rows["qemu"])]
    print(f"{'vl/qemu':8}{ratios[0]:14.3f}{ratios[1]:14.3f}")
