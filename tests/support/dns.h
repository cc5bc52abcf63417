// Asks a name server on this machine, as a client of Consul's DNS would.
#pragma once

#include <set>
#include <string>

namespace dispatcher::testing {

// The IPv4 addresses that the server on 127.0.0.1:`port` gives for a name; none for
// every kind of failure.
std::set<std::string> LookUp(int port, const std::string& name);

}  // namespace dispatcher::testing
