# One place for compiler flags. Every target of the project links v_flags.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(v_flags INTERFACE)
target_compile_definitions(v_flags INTERFACE _GNU_SOURCE
    $<$<BOOL:${V_GPU}>:V_WITH_GPU=1> $<$<BOOL:${V_PLATFORM}>:V_WITH_PLATFORM=1>)
# Whatever takes part in a simulation needs these, the users' programs too. Contraction differs between targets, so it is
# off by name; gcc's vectoriser makes fused multiply-add-subtract even so, and x86 code never sees these instructions.
set(V_DETERMINISM_FLAGS -ffp-contract=off)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
    list(APPEND V_DETERMINISM_FLAGS -mno-fma)
endif()
# gcc computes floats in a wider type on s390x in C17 mode.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "s390" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND V_DETERMINISM_FLAGS -fexcess-precision=fast)
endif()
# -fno-math-errno lets sqrtf be one correctly rounded instruction everywhere.
target_compile_options(v_flags INTERFACE ${V_DETERMINISM_FLAGS} -fno-math-errno -fno-strict-aliasing
    -Wall -Wextra -Wshadow -Wconversion -Werror
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wvla>)

# For comparing optimisations: with CMAKE_BUILD_TYPE=None these flags decide alone.
set(V_OPTIMIZE "" CACHE STRING "Compiler flags of the determinism test's builds, for instance -O0")
separate_arguments(_optimize UNIX_COMMAND "${V_OPTIMIZE}")
target_compile_options(v_flags INTERFACE ${_optimize})

if(V_SANITIZE)
    string(REPLACE "," ";" _list "${V_SANITIZE}")
    foreach(_s IN LISTS _list)
        target_compile_options(v_flags INTERFACE -fsanitize=${_s})
        target_link_options(v_flags INTERFACE -fsanitize=${_s})
    endforeach()
    target_compile_options(v_flags INTERFACE -fno-omit-frame-pointer -fno-sanitize-recover=all)
endif()

find_program(V_CCACHE ccache)
if(V_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${V_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${V_CCACHE})
endif()
