#include "adapters/kong/kong.h"

#include <algorithm>
#include <utility>

#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

absl::Status Bad(const KongOptions& options, std::string_view setting, std::string_view value,
                 std::string_view allowed) {
  return Error(absl::StatusCode::kInvalidArgument, "adapters.", options.name, ".", setting, " is \"", value,
               "\", may be ", allowed);
}

bool IsOwner(std::string_view owner) {
  return !owner.empty() && owner.size() <= 20 && std::all_of(owner.begin(), owner.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Adapter>> MakeKongAdapter(KongOptions options) {
  if (options.mode != "targets" && options.mode != "router") {
    return Bad(options, "mode", options.mode, "targets or router");
  }
  if (options.expose != "all" && options.expose != "labelled") {
    return Bad(options, "expose", options.expose, "all or labelled");
  }
  if (!options.dbless.empty() && options.dbless != "whole-file") {
    return Bad(options, "dbless", options.dbless, "empty or whole-file");
  }
  if (!IsOwner(options.owner)) {
    return Error(absl::StatusCode::kInvalidArgument, "owner is \"", options.owner,
                 "\", may be [a-z0-9]{1,20}");
  }
  absl::StatusOr<Url> url = Url::Parse(options.url);
  if (!url.ok()) {
    return Annotate(url.status(), "adapters." + options.name + ".url");
  }
  return absl::UnimplementedError("the Kong adapter is not built yet");
}

}  // namespace dispatcher
