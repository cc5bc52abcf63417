// An app definition as Marathon shows it.
#pragma once

#include "dispatcher/base/json.h"
#include "tests/world/app.h"
#include "tests/world/profile.h"

namespace dispatcher::world {

// Writes the members of the definition into the object the caller has begun, in
// the dress of the profile: up to 1.4 with nulls, ports and container.docker's
// network; from 1.5 on with networks and container.portMappings and what is unset
// left out (changelog 1.5.0, "Networking API Changes").
void WriteAppMembers(JsonWriter& out, const App& app, const Profile& profile);

// {...} of the above.
std::string AppDefinitionJson(const App& app, const Profile& profile);

// One health check as in healthChecks[] and in events.
void WriteCheck(JsonWriter& out, const Check& check, const Profile& profile);

}  // namespace dispatcher::world
