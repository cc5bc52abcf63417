# Run by CPack on what it is going to pack: folders are open to all whatever the umask of who
# builds, since the service's user has to pass through /etc/dispatcher.
file(CHMOD_RECURSE "${CPACK_TEMPORARY_DIRECTORY}" DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
     GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
