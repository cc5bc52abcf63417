// The log's level and form, seen and changed while it runs.
#pragma once

#include "dispatcher/net/server.h"

namespace dispatcher {

// 200: {"level":…,"format":…} in force.
HttpReply ShowLog();

// The body is the same object; a member left out stays as it is. 200 with what is in force
// then, until the next change, SIGHUP or start; 400 says what is wrong and changes nothing.
HttpReply ChangeLog(const HttpCall& call);

}  // namespace dispatcher
