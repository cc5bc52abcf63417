// Who holds the lock, as its value says: for people, and to tell two owners apart that
// were given the same key.
#pragma once

#include <string>
#include <string_view>

namespace dispatcher {

struct Holder {
  std::string owner;
  std::string host;
  int pid = 0;
  std::string http;  // where it listens; "": not known
  bool operator==(const Holder&) const = default;
};

// This process.
Holder ThisProcess(std::string owner, std::string http);

std::string ToJson(const Holder& holder);
// What can't be read is left empty: a lock may have been taken by other means.
Holder HolderOf(std::string_view value);
// "host-1, process 4711, http 10.0.0.1:8090"; "somebody unknown".
std::string TextOf(const Holder& holder);

}  // namespace dispatcher
