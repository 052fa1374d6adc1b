# SPDX-License-Identifier: MIT
"""The block layer alone: vl's own against that of `qemu-img bench`."""
import itertools
import os

from common import BUILD, alternate, image_of, medians, usage_of

IMAGE_BYTES, REQUEST_BYTES, REQUESTS = 256 << 20, 4096, 20000
# Far apart, and a multiple of 4 KiB: no readahead helps.
STEPS = {"sequential": REQUEST_BYTES, "scattered": 37 * 1024 * 1024 + 4096}


def command_lines(image, write, step, depth, direct, aio):
    cache = "none" if direct else "writeback"
    numbers = [str(n) for n in (REQUESTS, depth, REQUEST_BYTES, step)]
    return {
        "vl": [os.path.join(BUILD, "block-io"),
               f"format=raw,file={image},cache={cache},aio={aio}", "bench", "w" if write else "r",
               *numbers],
        "qemu": ["qemu-img", "bench", "-q", "-f", "raw", "-t", cache, "-i", aio, "-c", numbers[0],
                 "-d", numbers[1], "-s", numbers[2], "-S", numbers[3], *(["-w"] if write else []),
                 image],
        "bare": [os.path.join(BUILD, "bare-io"), image, "direct" if direct else "cached",
                 # what is in the page cache takes no ring
                 aio if direct else "threads", "w" if write else "r", *numbers],
    }


def row(lines, runs):
    """Medians: {name: (seconds, microseconds of processor a request)}."""
    return {name: (wall, processor / REQUESTS * 1e6)
            for name, (wall, processor) in medians(alternate(lines, runs, usage_of)).items()}


def block(runs):
    image = image_of("block.img", IMAGE_BYTES)
    print(f"{REQUESTS} requests of {REQUEST_BYTES} bytes: medians of {runs} alternating runs;"
          " bare: the system calls alone")
    print(f"{'':44}{'seconds':^24}{'processor us/request':^40}")
    print(f"{'':44}" + f"{'vl':>8}{'qemu':>8}{'ratio':>8}" * 2 + f"{'bare':>8}{'ratio':>8}")
    for write, (order, step), direct, aio, depth in itertools.product(
            (False, True), STEPS.items(), (False, True), ("threads", "io_uring"), (1, 32)):
        columns = row(command_lines(image, write, step, depth, direct, aio), runs)
        name = (f"{'write' if write else 'read':6}{order:11}{'direct' if direct else 'cached':7}"
                f"{aio:9} depth {depth}")
        pairs = zip(columns["vl"], columns["qemu"])
        bare, qemu = columns["bare"][1], columns["qemu"][1]
        print(f"{name:44}" + "".join(f"{ours:8.2f}{theirs:8.2f}{ours / theirs:8.2f}"
                                     for ours, theirs in pairs) +
              f"{bare:8.2f}{bare / qemu:8.2f}", flush=True)
