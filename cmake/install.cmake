# What `cmake --install` puts in place: library, headers, command, pkg-config, find_package, manual page, completion.
include(CMakePackageConfigHelpers)

install(TARGETS vengine EXPORT vengineTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY engine/include/v DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET vengine_cli)
    install(TARGETS vengine_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# These directories may be absolute or relative to the prefix; a pkg-config file needs them whole.
foreach(_directory LIBDIR INCLUDEDIR)
    set(V_PC_${_directory} "${CMAKE_INSTALL_${_directory}}")
    if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_${_directory}}")
        set(V_PC_${_directory} "\${prefix}/${CMAKE_INSTALL_${_directory}}")
    endif()
endforeach()
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
