# The README and the documentation: what they show compiles and runs, what they name exists.
add_test(NAME docs.snippets COMMAND ${CMAKE_CURRENT_LIST_DIR}/snippets.sh ${PROJECT_SOURCE_DIR}
    $<TARGET_FILE:vengine> ${CMAKE_C_COMPILER} "${V_SANITIZE}")
add_test(NAME docs.links COMMAND ${CMAKE_CURRENT_LIST_DIR}/links.sh ${PROJECT_SOURCE_DIR})
add_test(NAME docs.self_test COMMAND ${CMAKE_CURRENT_LIST_DIR}/self_test.sh ${PROJECT_SOURCE_DIR}
    $<TARGET_FILE:vengine> ${CMAKE_C_COMPILER} "${V_SANITIZE}")
set_tests_properties(docs.snippets docs.links docs.self_test PROPERTIES TIMEOUT 300)
