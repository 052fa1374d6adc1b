// SPDX-License-Identifier: MIT
/* A shared library that is no module at all. */
extern "C" int plain_library_answer() { return 42; }
