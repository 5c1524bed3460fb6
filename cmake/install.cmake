# What `cmake --install` puts in place: library, headers, command, pkg-config, find_package, manual page, completion.
include(CMakePackageConfigHelpers)

install(TARGETS vengine EXPORT vengineTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY engine/include/v DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET vengine_cli)
    install(TARGETS vengine_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# The pkg-config file finds its prefix from its own place, so that an installation can be moved.
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    set(V_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
    set(V_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
else()
    file(RELATIVE_PATH _up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    string(REGEX REPLACE "/$" "" V_PC_PREFIX "\${pcfiledir}/${_up}")
    set(V_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
set(V_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
    set(V_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
list(JOIN V_DETERMINISM_FLAGS " " V_PC_FLAGS)
configure_file(cmake/vengine.pc.in vengine.pc @ONLY)
configure_package_config_file(cmake/vengineConfig.cmake.in vengineConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vengine)
write_basic_package_version_file(vengineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vengine.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_BINARY_DIR}/vengineConfig.cmake ${PROJECT_BINARY_DIR}/vengineConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vengine)
install(EXPORT vengineTargets NAMESPACE vengine:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/vengine)

install(FILES docs/man/vengine.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES completions/vengine.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME vengine)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
