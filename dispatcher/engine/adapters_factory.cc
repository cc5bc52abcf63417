#include "dispatcher/engine/adapters_factory.h"

#include <array>
#include <utility>

#include "adapters/consul/consul.h"
#include "adapters/kong/kong.h"
#include "adapters/memory/memory_adapter.h"
#include "adapters/vulcand/vulcand.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/engine/lock_factory.h"

namespace dispatcher {
namespace {

using Made = absl::StatusOr<std::unique_ptr<Adapter>>;

Made MakeMemory(const AdapterSettings& adapter, const Settings& settings) {
  MemoryOptions options;
  options.owner = settings.owner;
  options.name = adapter.name;
  options.expose = adapter.expose == "labelled" ? Expose::kLabelled : Expose::kAll;
  return Made(std::make_unique<MemoryAdapter>(options));
}

Made MakeConsul(const AdapterSettings& adapter, const Settings& settings) {
  ConsulOptions options;
  options.owner = settings.owner;
  options.name = adapter.name;
  options.url = adapter.url.empty() ? options.url : adapter.url;
  options.mode = adapter.mode.empty() ? options.mode : adapter.mode;
  options.agent_url = adapter.agent_url.empty() ? options.agent_url : adapter.agent_url;
  options.publish = adapter.publish.empty() ? options.publish : adapter.publish;
  options.router_address = adapter.router_address;
  options.expose = adapter.expose.empty() ? options.expose : adapter.expose;
  options.token_file = adapter.token_file;
  options.token = adapter.token;
  options.datacenter = adapter.datacenter;
  options.tls = TlsOf("adapters." + adapter.name, adapter);
  options.script_checks = adapter.script_checks;
  options.leader_key = LockKeyOf(settings, adapter);
  return MakeConsulAdapter(std::move(options));
}

Made MakeKong(const AdapterSettings& adapter, const Settings& settings) {
  KongOptions options;
  options.owner = settings.owner;
  options.name = adapter.name;
  options.url = adapter.url.empty() ? options.url : adapter.url;
  options.mode = adapter.mode.empty() ? options.mode : adapter.mode;
  options.router_url = adapter.router_url;
  options.expose = adapter.expose.empty() ? options.expose : adapter.expose;
  options.token = adapter.admin_token;
  options.token_file = adapter.admin_token_file;
  options.api_key = adapter.api_key;
  options.api_key_file = adapter.api_key_file;
  options.workspace = adapter.workspace;
  options.dbless = adapter.dbless;
  options.delete_with_plugins = adapter.delete_with_plugins;
  options.tls = TlsOf("adapters." + adapter.name, adapter);
  return MakeKongAdapter(std::move(options));
}

Made MakeVulcand(const AdapterSettings& adapter, const Settings& settings) {
  VulcandOptions options;
  options.owner = settings.owner;
  options.name = adapter.name;
  options.url = adapter.url.empty() ? options.url : adapter.url;
  options.engine = adapter.engine.empty() ? options.engine : adapter.engine;
  options.etcd_url = adapter.etcd_url;
  options.etcd_key = adapter.etcd_key;
  options.listeners = adapter.listeners;
  options.listener_address =
      adapter.listener_address.empty() ? options.listener_address : adapter.listener_address;
  options.expose = adapter.expose.empty() ? options.expose : adapter.expose;
  options.tls = TlsOf("adapters." + adapter.name, adapter);
  return MakeVulcandAdapter(std::move(options));
}

struct Row {
  std::string_view type;
  Made (*make)(const AdapterSettings&, const Settings&);
};

constexpr std::array<Row, 4> kTypes = {{
    {"consul", MakeConsul},
    {"kong", MakeKong},
    {"memory", MakeMemory},
    {"vulcand", MakeVulcand},
}};

}  // namespace

absl::StatusOr<std::unique_ptr<Adapter>> MakeAdapter(const AdapterSettings& adapter,
                                                     const Settings& settings) {
  const std::string& type = TypeOf(adapter);
  const std::string where = "adapters." + adapter.name;
  for (const Row& row : kTypes) {
    if (row.type == type) {
      Made made = row.make(adapter, settings);
      return made.ok() ? std::move(made) : Made(Annotate(made.status(), where));
    }
  }
  const std::optional<std::string> nearest = Nearest(type, AdapterTypes());
  return Error(absl::StatusCode::kInvalidArgument, where, ".type: there is no adapter '", type, "'",
               nearest ? "; did you mean " + *nearest + "?" : "; there are consul, kong, memory and vulcand");
}

std::vector<std::string> AdapterTypes() {
  std::vector<std::string> types;
  for (const Row& row : kTypes) {
    types.emplace_back(row.type);
  }
  return types;
}

}  // namespace dispatcher
