# Shaders of the gpu tests, and the display that the window test needs.
foreach(subject device draw graph_execute)
    v_shaders(test_gpu_${subject} tests/gpu/shaders)
endforeach()
