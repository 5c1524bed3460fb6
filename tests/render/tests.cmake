# The PNG decoder of the render tests, compiled once and without our warnings.
add_library(test_stb_image STATIC ${CMAKE_CURRENT_LIST_DIR}/stb_image_impl.c)
target_compile_options(test_stb_image PRIVATE -w)
target_link_libraries(test_render_capture PRIVATE test_stb_image)
target_link_libraries(test_render_golden PRIVATE test_stb_image)

# The Vulkan driver and layer leave memory behind and are unloaded before the leak checker looks, so that it can neither
# name nor suppress them. These programs assert through a counted allocator that nothing of ours is left.
set_tests_properties(render.frame render.golden PROPERTIES ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
