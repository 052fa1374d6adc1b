# Tests that are scripts: they drive the finished program through tests/lib/vltest.py.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(RISCV_GCC riscv64-unknown-elf-gcc REQUIRED)

# A sanitizer's build takes its time.
set(vl_slowness 1)
if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize")
    set(vl_slowness 5)
endif()

# vl_script_test(<label> <script> [variable=value...]): the test <label>.<script's stem>. Where
# vl_test_when is `CONFIGURATIONS name`, it runs only when it is asked for, with `ctest -C name`.
function(vl_script_test label script)
    cmake_path(GET script STEM name)
    add_test(NAME ${label}.${name}
             COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/${script}
             ${vl_test_when})
    set_tests_properties(${label}.${name} PROPERTIES LABELS ${label} TIMEOUT 300
        ENVIRONMENT "VL=$<TARGET_FILE:vl>;VL_SLOWNESS=${vl_slowness};${ARGN}"
        ENVIRONMENT_MODIFICATION "PYTHONPATH=path_list_prepend:${CMAKE_SOURCE_DIR}/tests/lib")
endfunction()

# vl_test_guest(<name> <source...>): NAME.elf in the build folder, a program for `-bios none -kernel`
# of the sources and what it may use of the ROM.
function(vl_test_guest name)
    set(rom ${CMAKE_SOURCE_DIR}/hw/rom)
    set(start ${CMAKE_SOURCE_DIR}/tests/lib/guest)
    set(sources ${start}/start.S ${ARGN} ${rom}/machine.c ${rom}/fdt.c ${rom}/console.c ${rom}/lib.c
        ${rom}/virtio_blk.c)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/guest/*.h ${rom}/*.h)
    set(elf ${CMAKE_BINARY_DIR}/${name}.elf)
    add_custom_command(
        OUTPUT ${elf}
        COMMAND ${RISCV_GCC} -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -ffreestanding
                -nostdlib -static -fno-tree-loop-distribute-patterns -O2 -g -std=gnu11 -Wall -Wextra
                -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,--fatal-warnings
                -I${CMAKE_SOURCE_DIR} -T ${start}/guest.ld -o ${elf} ${sources}
        DEPENDS ${sources} ${headers} ${start}/guest.ld
        COMMENT "Building the guest program ${name}"
        VERBATIM)
    add_custom_target(${name}_guest ALL DEPENDS ${elf})
endfunction()
