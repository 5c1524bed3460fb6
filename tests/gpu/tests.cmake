# Shaders of the gpu tests, and the leak checker's list of what drivers keep.
foreach(subject device draw graph_execute)
    v_shaders(test_gpu_${subject} tests/gpu/shaders)
endforeach()
foreach(subject device draw graph_compile graph_execute memory present_mode window)
    set_property(TEST gpu.${subject} APPEND PROPERTY ENVIRONMENT
        "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
endforeach()
# These are about instances and displays of the whole machine.
set_tests_properties(gpu.window PROPERTIES TIMEOUT 600)
