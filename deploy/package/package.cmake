# What is installed, by `cmake --install` and in the Debian package.
include(GNUInstallDirs)
set(package_out ${CMAKE_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${package_out})

# Asks the program for its own manual page and completion.
add_custom_command(
  OUTPUT ${package_out}/dispatcher.1 ${package_out}/dispatcher.1.gz ${package_out}/dispatcher.bash
         ${package_out}/_dispatcher
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/manpage.sh $<TARGET_FILE:dispatcher> > ${package_out}/dispatcher.1
  COMMAND gzip -9nkf ${package_out}/dispatcher.1
  COMMAND $<TARGET_FILE:dispatcher> completion bash > ${package_out}/dispatcher.bash
  COMMAND $<TARGET_FILE:dispatcher> completion zsh > ${package_out}/_dispatcher
  DEPENDS dispatcher ${CMAKE_CURRENT_LIST_DIR}/manpage.sh
  VERBATIM)
add_custom_command(
  OUTPUT ${package_out}/changelog.gz
  COMMAND gzip -9nc ${CMAKE_BINARY_DIR}/generated/changelog > ${package_out}/changelog.gz
  DEPENDS ${CMAKE_BINARY_DIR}/generated/changelog
  VERBATIM)
add_custom_target(package_files DEPENDS ${package_out}/dispatcher.1.gz ${package_out}/changelog.gz
                                        ${package_out}/dispatcher.bash ${package_out}/_dispatcher)

install(TARGETS dispatcher)
install(FILES ${package_out}/dispatcher.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${package_out}/dispatcher.bash RENAME dispatcher
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${package_out}/_dispatcher DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
set(package_doc ${CMAKE_INSTALL_DATADIR}/doc/dispatcher)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright ${package_out}/changelog.gz DESTINATION ${package_doc})
# What README.md leads an operator to, at the same places as here.
foreach(file IN ITEMS LICENSE README.md adapters/README.md deploy/CHANGELOG.md deploy/README.md deploy/showcase.yaml
                      dispatcher/admin/README.md dispatcher/leader/README.md)
  get_filename_component(folder ${file} DIRECTORY)
  install(FILES ${CMAKE_SOURCE_DIR}/${file} DESTINATION ${package_doc}/${folder})
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/specs DESTINATION ${package_doc})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/deploy/grafana ${CMAKE_SOURCE_DIR}/deploy/prometheus DESTINATION ${package_doc}/deploy)
configure_file(${CMAKE_CURRENT_LIST_DIR}/install.cmake.in ${package_out}/install.cmake @ONLY)
install(SCRIPT ${package_out}/install.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dispatcher)
set(CPACK_PACKAGE_CONTACT "${DISPATCHER_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keeps service registries equal to what Marathon runs")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Reads Marathon's event stream and REST API, works out which instances of every\n\
app should receive traffic, and writes that to Consul, Vulcand and Kong.\n\
The service is neither enabled nor started by the installation: it has to be\n\
told first where Marathon is, in /etc/dispatcher/dispatcher.yaml.")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/debian/conffiles
    ${CMAKE_CURRENT_LIST_DIR}/debian/postinst ${CMAKE_CURRENT_LIST_DIR}/debian/prerm
    ${CMAKE_CURRENT_LIST_DIR}/debian/postrm)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/folders.cmake)
# With DESTDIR, so that the settings go to /etc.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_BINARY_DIR}/generated/cpack.cmake)
include(CPack)
