# What is built in, what is loadable, and what both are told about the build.
#
# VL_BLOCK_WHITELIST_RW, _RO: block drivers that may be opened, and those that may be opened
# read-only. Both empty: all of them. They stand in block-whitelist-rw and -ro.

# vl_read_list(<file> <variable>): the words of a file, without comments.
function(vl_read_list file variable)
    file(STRINGS ${file} lines REGEX "^[^#]")
    list(JOIN lines " " text)
    separate_arguments(words UNIX_COMMAND "${text}")
    list(JOIN words " " text)
    set(${variable} "${text}" PARENT_SCOPE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

# -DVL_BLOCK_WHITELIST_RW="raw file" on cmake's command line goes before the file.
foreach(kind rw ro)
    string(TOUPPER ${kind} upper)
    if(NOT DEFINED VL_BLOCK_WHITELIST_${upper})
        vl_read_list(${CMAKE_CURRENT_LIST_DIR}/block-whitelist-${kind} VL_BLOCK_WHITELIST_${upper})
    endif()
endforeach()

# --- loadable modules: library name, sources; for block drivers the formats and the further
# protocols that they answer to, and the libraries they want
set(VL_BLOCK_MODULES
    "null-co|block/null-co.cpp|null-co null-aio||"
    "blkdebug|block/blkdebug.cpp|blkdebug||"
    "blklogwrites|block/blklogwrites.cpp|blklogwrites||"
    "nbd|block/nbd.cpp block/nbd-client.cpp block/nbd-connect.cpp block/nbd-options.cpp \
block/nbd-request.cpp|nbd|nbd+tcp nbd+unix|PkgConfig::LIBNBD")
set(VL_UI_MODULES "sdl|vl/ui-sdl.cpp")
set(VL_NET_MODULES "slirp|hw/net/net-slirp.cpp")

set(VL_MODULE_SOURCES "")
set(block_module_rows "")
set(block_name_columns 2 3)
set(block_name_kinds true false)
foreach(row IN LISTS VL_BLOCK_MODULES VL_UI_MODULES VL_NET_MODULES)
    string(REPLACE "|" ";" row ${row})
    list(GET row 1 sources)
    separate_arguments(sources UNIX_COMMAND "${sources}")
    list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/)
    list(APPEND VL_MODULE_SOURCES ${sources})
endforeach()
foreach(row IN LISTS VL_BLOCK_MODULES)
    string(REPLACE "|" ";" row ${row})
    list(GET row 0 library)
    foreach(column is_format IN ZIP_LISTS block_name_columns block_name_kinds)
        list(GET row ${column} names)
        separate_arguments(names UNIX_COMMAND "${names}")
        foreach(name IN LISTS names)
            string(APPEND block_module_rows "{ \"${name}\", \"${library}\", ${is_format} },\n")
        endforeach()
    endforeach()
endforeach()

# --- the stamp: a module and a program fit if all of this is the same
string(SHA1 VL_STAMP "${PROJECT_VERSION}|${CMAKE_CXX_COMPILER_ID}|${CMAKE_CXX_COMPILER_VERSION}|\
${CMAKE_BUILD_TYPE}|${VL_STATIC_LIBS}|${CMAKE_CXX_FLAGS}|${CMAKE_CXX_FLAGS_DEBUG}|${CMAKE_INSTALL_PREFIX}")

set(VL_MODDIR ${CMAKE_INSTALL_LIBDIR}/vl)
# As seen from the program, so that an installed tree can be moved.
file(RELATIVE_PATH VL_MODDIR_FROM_BIN ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/vl)
configure_file(${CMAKE_CURRENT_LIST_DIR}/configuration.h.in generated/util/configuration.h @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/module-stamp.cpp.in generated/module-stamp.cpp @ONLY)
file(CONFIGURE OUTPUT generated/block_modules.inc CONTENT "${block_module_rows}")

# vl_whitelist_source(<file> <rw> <ro>): the two lists as C++.
function(vl_whitelist_source file rw ro)
    foreach(kind rw ro)
        separate_arguments(words UNIX_COMMAND "${${kind}}")
        set(${kind}_rows "")
        foreach(word IN LISTS words)
            string(APPEND ${kind}_rows "\"${word}\", ")
        endforeach()
    endforeach()
    file(CONFIGURE OUTPUT ${file} CONTENT "// SPDX-License-Identifier: MIT
#include \"block/whitelist.h\"

const char *const bdrv_whitelist_rw[] = { ${rw_rows}nullptr };
const char *const bdrv_whitelist_ro[] = { ${ro_rows}nullptr };
")
endfunction()

vl_whitelist_source(${CMAKE_BINARY_DIR}/generated/block_whitelist.cpp
                    "${VL_BLOCK_WHITELIST_RW}" "${VL_BLOCK_WHITELIST_RO}")

# vl_add_configuration(): the object library that carries the lists.
macro(vl_add_configuration)
    add_library(vl_configuration OBJECT ${CMAKE_BINARY_DIR}/generated/block_whitelist.cpp)
    target_link_libraries(vl_configuration PUBLIC vl_flags)
endmacro()

# vl_module(<file name> <sources> <stamp source> [libraries...]): one loadable module.
function(vl_module name sources stamp)
    separate_arguments(sources UNIX_COMMAND "${sources}")
    add_library(${name} MODULE ${sources} ${stamp})
    target_compile_definitions(${name} PRIVATE BUILD_DSO)
    target_link_libraries(${name} PRIVATE vl_flags ${ARGN})
    set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
    install(TARGETS ${name} LIBRARY DESTINATION ${VL_MODDIR})
endfunction()

function(vl_build_modules)
    set(stamp ${CMAKE_BINARY_DIR}/generated/module-stamp.cpp)
    foreach(row IN LISTS VL_BLOCK_MODULES)
        string(REPLACE "|" ";" row ${row})
        list(GET row 0 name)
        list(GET row 1 sources)
        list(GET row 4 libraries)
        vl_module(block-${name} "${sources}" ${stamp} ${libraries})
    endforeach()
    vl_module(ui-sdl vl/ui-sdl.cpp ${stamp} PkgConfig::SDL2)
    vl_module(net-slirp hw/net/net-slirp.cpp ${stamp} PkgConfig::SLIRP)
endfunction()
