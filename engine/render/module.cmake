# The render module's shaders and its copy of the PNG writer.
v_shaders(v_render engine/render/shaders)

# Not our code, not our warnings.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/stb_image_write_impl.c PROPERTIES COMPILE_OPTIONS -w)
