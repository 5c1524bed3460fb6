# The gpu module's packages: volk (Vulkan is loaded at run time, never linked) and, with V_PLATFORM, SDL2 for windows.
find_path(V_VOLK_INCLUDE volk.h)
if(NOT V_VOLK_INCLUDE)
    message(FATAL_ERROR "volk.h not found: install libvulkan-volk-dev, or configure with -DV_GPU=OFF")
endif()
target_include_directories(v_gpu SYSTEM PRIVATE ${V_VOLK_INCLUDE})
get_target_property(_sources v_gpu SOURCES)
if(V_PLATFORM)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(V_SDL2 REQUIRED IMPORTED_TARGET sdl2)
    target_link_libraries(v_gpu PRIVATE PkgConfig::V_SDL2)
    v_link(${V_SDL2_LINK_LIBRARIES})
    list(FILTER _sources EXCLUDE REGEX "/window_none\\.c$")
else()
    list(FILTER _sources EXCLUDE REGEX "/gpu/window/")
endif()
set_target_properties(v_gpu PROPERTIES SOURCES "${_sources}")

# v_shaders(TARGET DIR): compile DIR/*.vert, *.frag and *.comp (GLSL, may #include "x.glsl" of the same folder) to
# SPIR-V at build time. DIR/sky.frag becomes <build>/shaders/TARGET/sky_frag.h with
# `const uint32_t sky_frag[]`; TARGET finds it as #include "sky_frag.h". Include each header in one source only.
find_program(V_GLSLANG glslangValidator)
function(v_shaders target directory)
    if(NOT V_GLSLANG)
        message(FATAL_ERROR "glslangValidator not found: install glslang-tools, or configure with -DV_GPU=OFF")
    endif()
    get_filename_component(directory ${directory} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    set(out ${PROJECT_BINARY_DIR}/shaders/${target})
    file(MAKE_DIRECTORY ${out})
    file(GLOB sources CONFIGURE_DEPENDS ${directory}/*.vert ${directory}/*.frag ${directory}/*.comp)
    file(GLOB includes CONFIGURE_DEPENDS ${directory}/*.glsl)
    set(headers "")
    foreach(source IN LISTS sources)
        get_filename_component(name ${source} NAME)
        string(REPLACE "." "_" symbol ${name})
        add_custom_command(OUTPUT ${out}/${symbol}.h
            COMMAND ${V_GLSLANG} --quiet -V --target-env vulkan1.3 -I${directory} --vn ${symbol}
                -o ${out}/${symbol}.h ${source}
            DEPENDS ${source} ${includes} VERBATIM COMMENT "GLSL ${target}/${name}")
        list(APPEND headers ${out}/${symbol}.h)
    endforeach()
    target_sources(${target} PRIVATE ${headers})
    target_include_directories(${target} PRIVATE ${out})
endfunction()
