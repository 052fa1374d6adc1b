# Tests that are scripts: they drive the finished program through tests/lib/vltest.py.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

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
