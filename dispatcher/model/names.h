// The words that people read for the model's values: in the log, in the API's JSON
// and in explain.
#pragma once

#include <string_view>

#include "dispatcher/model/note.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

std::string_view Name(Want want);            // "yes", "if-there", "no"
std::string_view Name(Why why);              // "event", "read", "policy", "absent"
std::string_view Name(Condition condition);  // "passing", "unknown", "critical", "draining"
std::string_view Name(NoteKind kind);        // "phase", "app", "stream", ...

}  // namespace dispatcher
