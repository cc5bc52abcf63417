// Where a redirect of the event stream leads.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/status.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

// One place to ask: `target` is put after the node's path.
struct Hop {
  Url node;
  std::string target;
  bool is_marathon = true;  // the target is /v2/events, so that reads can go to `node`, too
};

// Marathon >= 1.7.50 sends 302, proxies before it any of the others.
bool IsRedirect(int status);

// `location` as an answer of `from` meant it: absolute, without a scheme, or a
// path. InvalidArgument for all else.
absl::StatusOr<Hop> FollowRedirect(const Url& from, std::string_view location);

}  // namespace dispatcher
