# MPFR is the oracle of the elementary functions' accuracy.
pkg_check_modules(MPFR REQUIRED IMPORTED_TARGET mpfr gmp)
target_link_libraries(test_base_math_accuracy PRIVATE PkgConfig::MPFR)
include(${CMAKE_CURRENT_LIST_DIR}/tests_config.cmake)
