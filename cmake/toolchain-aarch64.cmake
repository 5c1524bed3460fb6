# The server for aarch64, with Debian's cross gcc.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(V_CROSS_TRIPLE aarch64-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-cross.cmake)
