# The vengine command, tested from outside.
if(TARGET vengine_cli)
    add_test(NAME app.command COMMAND ${CMAKE_CURRENT_LIST_DIR}/command_test.sh $<TARGET_FILE:vengine_cli>)
    set_tests_properties(app.command PROPERTIES TIMEOUT 300 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endif()
