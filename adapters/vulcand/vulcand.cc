#include "adapters/vulcand/vulcand.h"

#include <utility>

#include "dispatcher/net/http.h"

namespace dispatcher {

absl::StatusOr<std::unique_ptr<Adapter>> MakeVulcandAdapter(VulcandOptions options) {
  const absl::StatusOr<Url> url = Url::Parse(options.url);
  if (!url.ok()) {
    return Annotate(url.status(), "adapters." + options.name + ".url");
  }
  return absl::UnimplementedError("the Vulcand adapter is not built yet");
}

}  // namespace dispatcher
