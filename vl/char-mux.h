// SPDX-License-Identifier: MIT
/* A multiplexer (mux=on): several front ends take turns on one chardev. Ctrl-a is its key. */
#pragma once

#include "util/chardev.h"

bool chardev_is_mux(const Chardev *chr);
