#include "dispatcher/engine/lock_factory.h"

#include <utility>

#include "dispatcher/leader/consul_lock.h"

namespace dispatcher {
namespace {

bool IsConsul(const AdapterSettings& adapter) { return TypeOf(adapter) == "consul"; }

// Whose Consul it is without leader.consul_url; null if that is not clear.
const AdapterSettings* OnlyConsul(const Settings& settings) {
  const AdapterSettings* only = nullptr;
  for (const AdapterSettings& adapter : settings.adapters) {
    if (IsConsul(adapter)) {
      if (only != nullptr) {
        return nullptr;
      }
      only = &adapter;
    }
  }
  return only;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LockStore>> MakeLockStore(const Settings& settings) {
  LeaderSettings leader = settings.leader;
  if (leader.consul_url.empty()) {
    const AdapterSettings* consul = OnlyConsul(settings);
    if (consul == nullptr) {
      return absl::InvalidArgumentError(
          "leader.consul_url is missing: name the Consul that holds the lock, because there is not exactly "
          "one adapter of type consul whose it could be");
    }
    leader.consul_url = consul->url;
    if (leader.token.empty() && leader.token_file.empty()) {
      leader.token = consul->token;
      leader.token_file = consul->token_file;
    }
    leader.ca_file = leader.ca_file.empty() ? consul->ca_file : leader.ca_file;
    if (leader.client_cert_file.empty()) {
      leader.client_cert_file = consul->client_cert_file;
      leader.client_key_file = consul->client_key_file;
    }
  }
  ConsulLockOptions options;
  absl::StatusOr<Url> url = Url::Parse(leader.consul_url);
  if (!url.ok()) {
    return Annotate(url.status(), "leader.consul_url");
  }
  options.url = *std::move(url);
  options.key = leader.key;
  options.ttl = leader.ttl;
  options.tls = TlsOf("leader", leader);
  ASSIGN_OR_RETURN(options.token, Secret::Load("leader.token_file", leader.token_file, leader.token));
  return std::unique_ptr<LockStore>(std::make_unique<ConsulLock>(std::move(options)));
}

std::string LockKeyOf(const Settings& settings, const AdapterSettings& adapter) {
  // A lock lives in one datacenter: that of the agent that is asked.
  if (!settings.leader.configured || !IsConsul(adapter) || !adapter.datacenter.empty()) {
    return "";
  }
  const std::string& at = settings.leader.consul_url;
  const absl::StatusOr<Url> own = Url::Parse(adapter.url), lock = Url::Parse(at);
  const AdapterSettings* only = OnlyConsul(settings);
  const bool same = at.empty() ? only != nullptr && only->name == adapter.name
                               : own.ok() && lock.ok() && own->SameOrigin(*lock) && own->path == lock->path;
  return same ? settings.leader.key : "";
}

}  // namespace dispatcher
