# Tests of the whole tree rather than of one module.
if(NOT V_FUZZ)
    add_subdirectory(fuzz)
endif()
add_subdirectory(tidy)
add_subdirectory(scripts)
add_subdirectory(install)
add_subdirectory(determinism)
include(${CMAKE_CURRENT_LIST_DIR}/docs/docs.cmake)
