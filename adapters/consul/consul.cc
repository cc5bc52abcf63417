#include "adapters/consul/consul.h"

#include <utility>

#include "adapters/consul/agent_adapter.h"
#include "adapters/consul/api.h"
#include "adapters/consul/catalog_adapter.h"
#include "adapters/publish.h"

namespace dispatcher {
namespace {

absl::Status Bad(const ConsulOptions& options, std::string_view setting, std::string_view value,
                 std::string_view allowed) {
  return Error(absl::StatusCode::kInvalidArgument, "adapters.", options.name, ".", setting, " is \"", value,
               "\", may be ", allowed);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Adapter>> MakeConsulAdapter(ConsulOptions options) {
  const bool agent_mode = options.mode == "agent";
  if (!agent_mode && options.mode != "catalog") {
    return Bad(options, "mode", options.mode, "catalog or agent");
  }
  if (options.expose != "all" && options.expose != "labelled") {
    return Bad(options, "expose", options.expose, "all or labelled");
  }
  if (options.publish != "instances" && options.publish != "router") {
    return Bad(options, "publish", options.publish, "instances or router");
  }
  if ((options.publish == "router") == options.router_address.empty()) {
    return Bad(options, "router_address", options.router_address,
               "an address with publish: router, and nothing without");
  }
  RETURN_IF_ERROR(CheckOwner(options.owner));
  absl::StatusOr<Url> url = Url::Parse(options.url);
  if (!url.ok()) {
    return Annotate(url.status(), "adapters." + options.name + ".url");
  }
  if (agent_mode && options.agent_url.find("{host}") == std::string::npos) {
    return Bad(options, "agent_url", options.agent_url, "a URL with {host} in it");
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Secret> token, Secret::Load("adapters." + options.name + ".token_file",
                                                               options.token_file, options.token));

  // Without a leader Consul is silent for 7.4 s before it says so: the client's
  // own read timeout of 10 s is above that on purpose.
  HttpClientOptions http;
  http.tls = options.tls;
  HttpClientOptions agent_http = http;
  agent_http.max_idle_connections = 1;
  http.base = *std::move(url);
  auto api = std::make_unique<ConsulApi>(std::move(http), token, options.datacenter);
  const Expose expose = options.expose == "all" ? Expose::kAll : Expose::kLabelled;
  if (agent_mode) {
    return std::make_unique<AgentAdapter>(std::move(options), expose, std::move(api), std::move(token),
                                          std::move(agent_http));
  }
  return std::make_unique<CatalogAdapter>(std::move(options), expose, std::move(api), std::move(token),
                                          std::move(agent_http));
}

}  // namespace dispatcher
