#include "dispatcher/marathon/client/redirect.h"

#include <utility>

namespace dispatcher {

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

absl::StatusOr<Hop> FollowRedirect(const Url& from, std::string_view location) {
  location = location.substr(0, location.find('#'));
  Hop hop{from, "", false};
  hop.node.path.clear();
  std::string_view target = location;
  if (const size_t scheme = location.find("//");
      scheme == 0 || (scheme != std::string_view::npos && location.substr(0, scheme).ends_with(':') &&
                      location.find('/') == scheme)) {
    const size_t authority = scheme + 2;
    const size_t path = std::min(location.find_first_of("/?", authority), location.size());
    const std::string origin = (scheme == 0 ? from.scheme + ":" : "") + std::string(location.substr(0, path));
    ASSIGN_OR_RETURN(hop.node, Url::Parse(origin));
    target = location.substr(path);
  }
  if (!target.starts_with('/')) {
    return Error(absl::StatusCode::kInvalidArgument, "redirected to what is neither an URL nor a path");
  }
  constexpr std::string_view kEvents = "/v2/events";
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.ends_with(kEvents)) {
    const size_t prefix = path.size() - kEvents.size();
    hop.node.path = std::string(target.substr(0, prefix));
    target.remove_prefix(prefix);
    hop.is_marathon = true;
  }
  hop.target = std::string(target);
  return hop;
}

}  // namespace dispatcher
