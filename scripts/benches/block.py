# SPDX-License-Identifier: MIT
"""The block layer alone: vl's own against those of `qemu-img bench` and qemu-io."""
import itertools
import os

from common import BUILD, alternate, bench_file, image_of, medians, usage_of

IMAGE_BYTES, REQUEST_BYTES, REQUESTS = 256 << 20, 4096, 20000
# Far apart, and a multiple of 4 KiB: no readahead helps.
STEPS = {"sequential": REQUEST_BYTES, "scattered": 37 * 1024 * 1024 + 4096}
CASES = list(itertools.product((False, True), STEPS, (False, True), ("threads", "io_uring"), (1, 32)))


def block_io(image, cache, aio):
    return [os.path.join(BUILD, "block-io"), f"format=raw,file={image},cache={cache},aio={aio}"]


def bench_lines(image, write, order, direct, aio, depth):
    cache = "none" if direct else "writeback"
    numbers = [str(n) for n in (REQUESTS, depth, REQUEST_BYTES, STEPS[order])]
    return {
        "vl": [*block_io(image, cache, aio), "bench", "w" if write else "r", *numbers],
        "qemu": ["qemu-img", "bench", "-q", "-f", "raw", "-t", cache, "-i", aio, "-c", numbers[0],
                 "-d", numbers[1], "-s", numbers[2], "-S", numbers[3], *(["-w"] if write else []),
                 image],
        "bare": [os.path.join(BUILD, "bare-io"), image, "direct" if direct else "cached",
                 # what is in the page cache takes no ring
                 aio if direct else "threads", "w" if write else "r", *numbers],
    }


def with_commands(name, request, order, depth, argv):
    """argv with requests on its standard input, and a wait behind each `depth` of them."""
    path = bench_file(name)
    with open(path, "w", encoding="ascii") as commands:
        for i in range(REQUESTS):
            commands.write(request % (i * STEPS[order] % IMAGE_BYTES, REQUEST_BYTES))
            if i % depth == depth - 1:
                commands.write("aio_flush\n")
    return ["sh", "-c", 'exec "$@" <"$0"', path, *argv]


def command_lines(image, write, order, direct, aio, depth):
    cache = "none" if direct else "writeback"
    return {
        "vl": with_commands("vl-io", "aio_write %d %d 7\n" if write else "aio_read %d %d\n", order,
                            depth, block_io(image, cache, aio)),
        "qemu": with_commands(
            "qemu-io", "aio_write -q -P 7 %d %d\n" if write else "aio_read -q %d %d\n", order,
            depth, ["qemu-io", "-f", "raw", "-t", cache, "-i", aio, image]),
    }


def print_row(case, columns):
    """Medians of (seconds, seconds of processor) by name, and their ratios."""
    write, order, direct, aio, depth = case
    text = (f"{'write' if write else 'read':6}{order:11}{'direct' if direct else 'cached':7}"
            f"{aio:9} depth {depth:<9}")
    for i, scale in enumerate((1, 1e6 / REQUESTS)):
        ours, theirs = columns["vl"][i], columns["qemu"][i]
        text += f"{ours * scale:8.2f}{theirs * scale:8.2f}{ours / theirs:8.2f}"
    if "bare" in columns:
        bare, theirs = columns["bare"][1], columns["qemu"][1]
        text += f"{bare / REQUESTS * 1e6:8.2f}{bare / theirs:8.2f}"
    print(text, flush=True)


def table(runs, image, lines, other, bare=""):
    print(f"{'':44}{'seconds':^24}{'processor us/request':^{24 + len(bare)}}".rstrip())
    print(f"{'':44}" + f"{'vl':>8}{other:>8}{'ratio':>8}" * 2 + bare)
    for case in CASES:
        print_row(case, medians(alternate(lines(image, *case), runs, usage_of)))


def block(runs):
    image = image_of("block.img", IMAGE_BYTES)
    print(f"{REQUESTS} requests of {REQUEST_BYTES} bytes: medians of {runs} alternating runs;"
          " bare: the system calls alone")
    table(runs, image, bench_lines, "qemu", f"{'bare':>8}{'ratio':>8}")
    print("\nthe same requests as commands on standard input")
    table(runs, image, command_lines, "qemu-io")
