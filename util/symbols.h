// SPDX-License-Identifier: MIT
/* Names of functions, static ones included: for people who read lists of them. */
#pragma once

#include <cstdint>
#include <map>
#include <string>

// The program's own, from the symbol table of its file; empty if it was stripped. Demangled,
// without arguments. Reads the file: not for a start that nobody studies.
const std::map<uintptr_t, std::string> &function_names();
// Of the function at that address, in the program or in a library; or its number.
std::string function_name(const void *address);
