# v_module(NAME): engine/NAME/**.{c,cpp} as an object library. engine/NAME/module.cmake, where there is one, adds
# the module's own packages and generated files to target v_NAME and may append to V_LINK (what users must link).
set(V_MODULES "" CACHE INTERNAL "")
set(V_LINK Threads::Threads m ${CMAKE_DL_LIBS} CACHE INTERNAL "")

function(v_module name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
        ${PROJECT_SOURCE_DIR}/engine/${name}/*.c ${PROJECT_SOURCE_DIR}/engine/${name}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_library(v_${name} OBJECT ${sources})
    target_include_directories(v_${name} PUBLIC ${PROJECT_SOURCE_DIR}/engine/include
        PRIVATE ${PROJECT_SOURCE_DIR}/engine/${name} ${PROJECT_SOURCE_DIR}/engine)
    target_compile_definitions(v_${name} PRIVATE V_BUILDING=1)
    target_link_libraries(v_${name} PRIVATE v_flags Threads::Threads)
    if(EXISTS ${PROJECT_SOURCE_DIR}/engine/${name}/module.cmake)
        include(${PROJECT_SOURCE_DIR}/engine/${name}/module.cmake)
    endif()
    set(V_MODULES ${V_MODULES} v_${name} CACHE INTERNAL "")
endfunction()

# v_link(LIBS...): libraries that the engine library needs at link time.
function(v_link)
    set(V_LINK ${V_LINK} ${ARGN} CACHE INTERNAL "")
endfunction()

# The shared library for users, and a static one through which tests reach internals.
function(v_library)
    set(objects "")
    foreach(module IN LISTS V_MODULES)
        list(APPEND objects $<TARGET_OBJECTS:${module}>)
    endforeach()
    add_library(vengine SHARED ${objects})
    set_target_properties(vengine PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
        LINKER_LANGUAGE CXX LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exports.map)
    # Hidden visibility does not reach the C++ standard library's templates; the export list does.
    target_link_options(vengine PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map)
    target_include_directories(vengine PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_compile_options(vengine INTERFACE ${V_DETERMINISM_FLAGS})
    target_link_libraries(vengine PRIVATE v_flags ${V_LINK} INTERFACE m) # inline functions of v/math.h use sqrtf
    add_library(vengine_static STATIC ${objects})
    set_target_properties(vengine_static PROPERTIES LINKER_LANGUAGE CXX)
    target_include_directories(vengine_static PUBLIC ${PROJECT_SOURCE_DIR}/engine/include
        ${PROJECT_SOURCE_DIR}/engine)
    target_compile_definitions(vengine_static PUBLIC V_STATIC=1)
    target_link_libraries(vengine_static PUBLIC ${V_LINK})
endfunction()
