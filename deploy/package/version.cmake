# Run by the build, each time: which version this is. Writes, where it has changed,
#   version_text.h   DISPATCHER_VERSION for dispatcher/admin/version.cc
#   version.txt      the same, for who makes images
#   debian.txt       a Debian package's: BASE~git<time>.<commit> before the tag v<BASE>,
#                    BASE+git<time>.<commit> after it, so that a later commit's package is an
#                    upgrade, and the release one of all before it
#   cpack.cmake      both, for CPack
#   changelog        of that package, in Debian's form: this version, of the commit's time or
#                    else of today
# into OUT. Of a checkout it is BASE at the tag v<BASE>, else BASE+g<commit>, and .dirty
# with what is not committed; of an archive that git made the same, from archive.txt;
# of anything else BASE alone. GIVEN, if not empty, is taken as it is.
set(version "${BASE}")
set(debian "${BASE}")
set(time "")
# Of a checkout whoever owns it: root makes the packages of others' trees.
function(ask_git result)
  execute_process(COMMAND git -c "safe.directory=*" ${ARGN} WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE answer
                  RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(${result} "${answer}" PARENT_SCOPE)
  set(failed "${failed}" PARENT_SCOPE)
endfunction()
if(GIVEN)
  set(version "${GIVEN}")
  set(debian "${GIVEN}")
else()
  ask_git(time show -s --format=%ct)
  ask_git(above rev-parse --show-cdup)
  ask_git(described describe --tags --always --long --dirty=.dirty --abbrev=8 --match "v[0-9]*")
  if(NOT "${failed}" STREQUAL "0" OR above)  # no git, or another's checkout around it
    set(described "")
    set(time "")
    file(READ "${CMAKE_CURRENT_LIST_DIR}/archive.txt" archive)
    if(archive MATCHES "^([0-9a-f]+) ([0-9]+) (.*)")
      set(commit "${CMAKE_MATCH_1}")
      set(time "${CMAKE_MATCH_2}")
      string(STRIP "${CMAKE_MATCH_3}" tag)  # v0.1.0 or v0.1.0-2-g<commit>, if there is one
      set(described "${commit}")
      if(tag MATCHES "^(.+-[0-9]+-g)[0-9a-f]+$")
        set(described "${CMAKE_MATCH_1}${commit}")
      elseif(tag)
        set(described "${tag}-0-g${commit}")
      endif()
    endif()
  endif()
  if(described MATCHES "^v${BASE}-0-g[0-9a-f]+([.]dirty)?$")
    string(APPEND version "${CMAKE_MATCH_1}")
    set(debian "${version}")
  elseif(described MATCHES "^(.*-g)?([0-9a-f]+([.]dirty)?)$")
    set(commit "${CMAKE_MATCH_2}")
    string(APPEND version "+g${commit}")
    string(APPEND debian "~git${time}.${commit}")
    if(described MATCHES "^v${BASE}-")
      string(REPLACE "~" "+" debian "${debian}")
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
write_changed(cpack.cmake
              "set(CPACK_PACKAGE_VERSION \"${version}\")\nset(CPACK_DEBIAN_PACKAGE_VERSION \"${debian}\")\n")
set(hour "%H:%M:%S")
if(time)
  set(ENV{SOURCE_DATE_EPOCH} "${time}")
else()
  set(hour "00:00:00")
endif()
string(TIMESTAMP when "%a, %d %b %Y ${hour} +0000" UTC)
write_changed(changelog "dispatcher (${debian}) unstable; urgency=medium

  * What is new: /usr/share/doc/dispatcher/deploy/CHANGELOG.md

 -- ${MAINTAINER}  ${when}
")
