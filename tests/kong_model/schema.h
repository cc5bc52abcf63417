// What fields the entities of a version have, what they are when left out, and
// what Kong says of a bad value. Taken from recordings of 0.14.1, 2.8.5 and 3.9.3.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kong/version.h"
#include "tests/kong_model/value.h"

namespace dispatcher::kong_model {

// The fields of "services", "routes", "upstreams", "targets", "plugins" or "apis"
// with the values they have when nothing is said, ids and times aside.
Object DefaultsOf(const KongVersion& version, const std::string& kind);

// Messages by field ("tags" of a list: by "tags.1"), empty if all is well. `whole`:
// every required field must be there.
std::map<std::string, std::string> SchemaFaults(const KongVersion& version, const std::string& kind,
                                                const Object& body, bool whole);

// As Kong keeps the address of a target; nullopt if it takes it for none.
std::optional<std::string> NormalTarget(const std::string& text);
bool IsHostName(const std::string& text);
bool IsUuid(const std::string& text);

}  // namespace dispatcher::kong_model
