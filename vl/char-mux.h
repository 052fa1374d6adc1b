// SPDX-License-Identifier: MIT
/* A multiplexer: several front ends take turns on one chardev. Ctrl-a is its key. */
#pragma once

#include "util/chardev.h"

// Takes over `base`, which is no longer on the list of chardevs.
Chardev *mux_chardev_new(Chardev *base);
bool chardev_is_mux(const Chardev *chr);
