# Cross builds of the server on Debian, run under qemu-user. Included by the toolchain-<arch>.cmake files, which set
# V_CROSS_TRIPLE and CMAKE_SYSTEM_PROCESSOR.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${V_CROSS_TRIPLE}-gcc)
set(CMAKE_CXX_COMPILER ${V_CROSS_TRIPLE}-g++)
find_program(V_CROSS_QEMU qemu-${CMAKE_SYSTEM_PROCESSOR}-static)
if(V_CROSS_QEMU)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${V_CROSS_QEMU})
endif()

# Static programs need no system root of the other architecture to run.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

# The header-only libraries lie in /usr/include, which must not go on a cross compiler's path: it would bring the host's
# C library along. So show the compiler a folder that holds these headers alone.
if(NOT V_CROSS_INCLUDE)
    set(V_CROSS_INCLUDE ${CMAKE_BINARY_DIR}/cross-include)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES V_CROSS_INCLUDE)
file(MAKE_DIRECTORY ${V_CROSS_INCLUDE})
foreach(_header xxhash.h xxh3.h toml++)
    if(EXISTS /usr/include/${_header} AND NOT EXISTS ${V_CROSS_INCLUDE}/${_header})
        file(CREATE_LINK /usr/include/${_header} ${V_CROSS_INCLUDE}/${_header} SYMBOLIC)
    endif()
endforeach()
set(CMAKE_C_FLAGS_INIT "-isystem ${V_CROSS_INCLUDE}")
set(CMAKE_CXX_FLAGS_INIT "-isystem ${V_CROSS_INCLUDE}")

set(CMAKE_INCLUDE_PATH ${V_CROSS_INCLUDE})
set(CMAKE_FIND_ROOT_PATH /usr/${V_CROSS_TRIPLE} ${V_CROSS_INCLUDE})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
