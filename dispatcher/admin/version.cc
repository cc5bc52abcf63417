#include "dispatcher/admin/version.h"

#include "version_text.h"  // written by deploy/package/version.cmake

namespace dispatcher {

std::string_view Version() { return DISPATCHER_VERSION; }

}  // namespace dispatcher
