// SPDX-License-Identifier: MIT
/* Names of the program's own functions, static ones included: for people who read lists of them. */
#pragma once

#include <cstdint>
#include <map>
#include <string>

// From the symbol table of the running program's file; empty if it was stripped. Demangled, without
// arguments. Reads the file: not for a start that nobody studies.
const std::map<uintptr_t, std::string> &function_names();
// Of the function at that address, or its number.
std::string function_name(const void *address);
