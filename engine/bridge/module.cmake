# toml++ is header-only; its exceptions are off, those of the standard library are caught in the bridge.
find_path(V_TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
target_include_directories(v_bridge SYSTEM PRIVATE ${V_TOMLPLUSPLUS_INCLUDE})
