#include "adapters/kong/kong.h"

#include <utility>

#include "adapters/kong/adapter.h"
#include "adapters/kong/api.h"
#include "adapters/publish.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

absl::Status Bad(const KongOptions& options, std::string_view setting, std::string_view value,
                 std::string_view allowed) {
  return Error(absl::StatusCode::kInvalidArgument, "adapters.", options.name, ".", setting, " is \"", value,
               "\", may be ", allowed);
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
  RETURN_IF_ERROR(CheckOwner(options.owner));
  absl::StatusOr<Url> url = Url::Parse(options.url);
  if (!url.ok()) {
    return Annotate(url.status(), "adapters." + options.name + ".url");
  }
  const std::string place = "adapters." + options.name + ".";
  if (options.mode == "router") {
    const absl::StatusOr<Url> router = Url::Parse(options.router_url);
    if (!router.ok()) {
      return Annotate(router.status(), place + "router_url, which mode router needs");
    }
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Secret> token,
                   Secret::Load(place + "token_file", options.token_file, options.token));
  ASSIGN_OR_RETURN(std::shared_ptr<Secret> key,
                   Secret::Load(place + "api_key_file", options.api_key_file, options.api_key));
  HttpClientOptions http;
  http.base = *std::move(url);
  http.tls = options.tls;
  auto api = std::make_unique<KongApi>(std::move(http), std::move(token), std::move(key), options.workspace);
  return std::make_unique<KongAdapter>(options, std::move(api));
}

}  // namespace dispatcher
