# Shaders of the gpu tests.
foreach(subject device draw graph_execute)
    v_shaders(test_gpu_${subject} tests/gpu/shaders)
endforeach()
