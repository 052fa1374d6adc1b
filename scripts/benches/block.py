# SPDX-License-Identifier: MIT
"""The block layer alone: vl's own against that of `qemu-img bench`."""
import itertools
import mmap
import os
import resource

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
    }


def bare_processor(image, write, step, direct):
    """Microseconds of processor that the system calls alone take for a request, one at once."""
    fd = os.open(image, os.O_RDWR | (os.O_DIRECT if direct else 0))
    call, buffers = os.pwritev if write else os.preadv, [mmap.mmap(-1, REQUEST_BYTES)]
    before = resource.getrusage(resource.RUSAGE_SELF)
    for i in range(REQUESTS):
        call(fd, buffers, i * step % IMAGE_BYTES)
    after = resource.getrusage(resource.RUSAGE_SELF)
    os.close(fd)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds / REQUESTS * 1e6


def row(lines, runs):
    """Medians: {name: (seconds, microseconds of processor a request)}."""
    return {name: (wall, processor / REQUESTS * 1e6)
            for name, (wall, processor) in medians(alternate(lines, runs, usage_of)).items()}


def block(runs):
    image = image_of("block.img", IMAGE_BYTES)
    print(f"{REQUESTS} requests of {REQUEST_BYTES} bytes: medians of {runs} alternating runs;"
          " bare: a loop of preadv or pwritev")
    print(f"{'':44}{'seconds':^24}{'processor us/request':^32}")
    print(f"{'':44}" + f"{'vl':>8}{'qemu':>8}{'ratio':>8}" * 2 + f"{'bare':>8}")
    for write, (order, step), direct, aio, depth in itertools.product(
            (False, True), STEPS.items(), (False, True), ("threads", "io_uring"), (1, 32)):
        columns = row(command_lines(image, write, step, depth, direct, aio), runs)
        name = (f"{'write' if write else 'read':6}{order:11}{'direct' if direct else 'cached':7}"
                f"{aio:9} depth {depth}")
        print(f"{name:44}" + "".join(
            f"{vl:8.2f}{qemu:8.2f}{vl / qemu:8.2f}"
            for vl, qemu in zip(columns["vl"], columns["qemu"])) +
            f"{bare_processor(image, write, step, direct):8.2f}", flush=True)
