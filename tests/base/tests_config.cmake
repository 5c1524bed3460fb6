# The TOML bridge against an independent parser, where Python has one (3.11).
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND Python3_VERSION VERSION_GREATER_EQUAL 3.11)
    add_executable(toml_dump ${CMAKE_CURRENT_LIST_DIR}/toml_dump.c)
    target_link_libraries(toml_dump PRIVATE v_flags vengine_static)
    add_test(NAME base.config_toml_differential
        COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/compare_toml.py $<TARGET_FILE:toml_dump>)
endif()
