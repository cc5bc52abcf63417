# Run by the build, each time: which version this is. Writes, where it has changed,
#   version_text.h   DISPATCHER_VERSION for dispatcher/admin/version.cc
#   version.txt      the same, for who makes images
#   debian.txt       that of a Debian package, in the order of commits: of a commit N commits after the
#                    tag BASE+N+g<commit>, of one before it BASE~N+g<commit>, N being all there are
#   cpack.cmake      both, for CPack
# into OUT. Of a checkout it is BASE at the tag v<BASE>, else BASE+g<commit>, and .dirty
# with what is not committed; of an archive that git made, BASE+g<commit>, from archive.txt;
# of anything else BASE alone. GIVEN, if not empty, is taken as it is.
set(version "${BASE}")
set(debian "${BASE}")
if(GIVEN)
  set(version "${GIVEN}")
  set(debian "${GIVEN}")
else()
  execute_process(COMMAND git describe --tags --always --long --dirty=.dirty --abbrev=8 --match "v[0-9]*"
                  WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE described RESULT_VARIABLE failed
                  ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND git rev-parse --show-cdup WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE above
                  ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT "${failed}" STREQUAL "0" OR above)  # no git, or another's checkout around it
    file(READ "${CMAKE_CURRENT_LIST_DIR}/archive.txt" described)
    string(STRIP "${described}" described)
  endif()
  if(described MATCHES "^v${BASE}-0-g[0-9a-f]+([.]dirty)?$")
    string(APPEND version "${CMAKE_MATCH_1}")
    set(debian "${version}")
  elseif(described MATCHES "^([^$]*-g)?([0-9a-f]+([.]dirty)?)$")
    set(commit "+g${CMAKE_MATCH_2}")
    string(APPEND version "${commit}")
    if(described MATCHES "^v${BASE}-([0-9]+)-g")
      string(APPEND debian "+${CMAKE_MATCH_1}${commit}")
    else()
      set(count 0)
      if("${failed}" STREQUAL "0" AND NOT above)
        execute_process(COMMAND git rev-list --count HEAD WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE count
                        OUTPUT_STRIP_TRAILING_WHITESPACE)
      endif()
      string(APPEND debian "~${count}${commit}")
    endif()
  endif()
endif()

function(write_changed file text)
  set(before "")
  if(EXISTS "${OUT}/${file}")
    file(READ "${OUT}/${file}" before)
  endif()
  if(NOT before STREQUAL text)
    file(WRITE "${OUT}/${file}" "${text}")
  endif()
endfunction()
write_changed(version_text.h "#define DISPATCHER_VERSION \"${version}\"\n")
write_changed(version.txt "${version}\n")
write_changed(debian.txt "${debian}\n")
write_changed(cpack.cmake "set(CPACK_PACKAGE_VERSION \"${version}\")\nset(CPACK_DEBIAN_PACKAGE_VERSION \"${debian}\")\n")
