#include "dispatcher/admin/version.h"

namespace dispatcher {

std::string_view Version() { return DISPATCHER_VERSION; }

}  // namespace dispatcher
