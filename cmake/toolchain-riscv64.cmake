# The server for riscv64, with Debian's cross gcc.
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(V_CROSS_TRIPLE riscv64-linux-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-cross.cmake)
