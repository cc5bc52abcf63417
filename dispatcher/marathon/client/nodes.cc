#include "dispatcher/marathon/client/nodes.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

bool SameNode(const Url& a, const Url& b) { return a.SameOrigin(b) && a.path == b.path; }

// Nodes come and go with the leader; as many clients as a cluster has nodes and
// some to spare.
constexpr size_t kMaxClients = 16;

}  // namespace

Nodes::Nodes(const MarathonSettings& settings, const Clock& clock)
    : trust_leader_(settings.trust_leader),
      tls_(TlsOf("marathon", settings)),
      credentials_(settings, clock) {}

absl::StatusOr<std::shared_ptr<Nodes>> Nodes::Make(const MarathonSettings& settings, const Clock& clock) {
  if (settings.urls.empty()) {
    return Error(absl::StatusCode::kInvalidArgument,
                 "marathon.urls: is empty; name at least one Marathon, e.g. http://127.0.0.1:8080");
  }
  std::shared_ptr<Nodes> nodes(new Nodes(settings, clock));
  for (size_t i = 0; i < settings.urls.size(); ++i) {
    absl::StatusOr<Url> url = Url::Parse(settings.urls[i]);
    if (!url.ok()) {
      return Annotate(url.status(), "marathon.urls[" + std::to_string(i) + "]");
    }
    nodes->configured_.push_back(*std::move(url));
  }
  return nodes;
}

bool Nodes::Trusts(const Url& node) const {
  return trust_leader_ || std::any_of(configured_.begin(), configured_.end(),
                                      [&](const Url& known) { return known.SameOrigin(node); });
}

absl::StatusOr<HttpHeaders> Nodes::HeadersFor(const Url& node, const Cancel& cancel) {
  HttpHeaders headers;
  if (credentials_.configured() && Trusts(node)) {
    ASSIGN_OR_RETURN(std::string value, credentials_.Authorization(cancel));
    headers.emplace_back("Authorization", std::move(value));
  }
  return headers;
}

bool Nodes::Refused(const Url& node) {
  if (!credentials_.configured() || !Trusts(node)) {
    return false;
  }
  credentials_.Forget();
  return true;
}

absl::Status Nodes::Refusal(const Url& node, int status) const {
  const absl::StatusCode code =
      status == 401 ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kPermissionDenied;
  const std::string said = "answered " + std::to_string(status);
  if (!credentials_.configured()) {
    return Error(code, said,
                 "; set marathon.token_file, marathon.username and marathon.password_file, or "
                 "marathon.dcos_uid and marathon.dcos_key_file");
  }
  if (!Trusts(node)) {
    return Error(code, said,
                 " and was sent no credentials, as it is not in marathon.urls; add it there or set "
                 "marathon.trust_leader");
  }
  return Error(code, said, " to the configured credentials");
}

void Nodes::SetStreamNode(std::optional<Url> node) {
  MutexLock lock(mutex_);
  stream_node_ = std::move(node);
}

std::vector<Url> Nodes::ReadOrder() const {
  std::vector<Url> order;
  {
    MutexLock lock(mutex_);
    // With credentials that it may not see it would only answer 401; the
    // configured nodes pass the question on to it.
    if (stream_node_ && (!credentials_.configured() || Trusts(*stream_node_))) {
      order.push_back(*stream_node_);
    }
  }
  for (const Url& url : configured_) {
    if (order.empty() || !SameNode(order.front(), url)) {
      order.push_back(url);
    }
  }
  return order;
}

std::shared_ptr<HttpClient> Nodes::ClientFor(const Url& node) {
  MutexLock lock(mutex_);
  for (const auto& client : clients_) {
    if (SameNode(client->options().base, node)) {
      return client;
    }
  }
  HttpClientOptions options;
  options.base = node;
  options.tls = tls_;
  if (clients_.size() >= kMaxClients) {
    clients_.erase(clients_.begin());  // who still calls through it holds it
  }
  return clients_.emplace_back(std::make_shared<HttpClient>(std::move(options)));
}

std::string AnsweringLeader(const HttpHeaders& headers, const Url& node) {
  std::string_view leader = FindHeader(headers, "X-Marathon-Leader");
  if (const size_t scheme = leader.find("://"); scheme != std::string_view::npos) {
    leader.remove_prefix(scheme + 3);
  }
  while (leader.ends_with('/')) {
    leader.remove_suffix(1);
  }
  if (!leader.empty()) {
    return std::string(leader);
  }
  const std::string origin = node.Origin();
  return origin.substr(origin.find("://") + 3);
}

}  // namespace dispatcher
