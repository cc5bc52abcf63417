#include "adapters/consul/api.h"

#include <utility>

#include "adapters/secret_call.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// 500s whose cause is the request: the same again would fail the same way.
constexpr std::string_view kBadInput[] = {"Invalid service address", "Must provide", "Scripts are disabled",
                                          "Failed to create boolean expression", "is reserved by node"};

}  // namespace

ConsulApi::ConsulApi(HttpClientOptions http, std::shared_ptr<Secret> token, std::string datacenter)
    : client_(std::move(http)), token_(std::move(token)), datacenter_(std::move(datacenter)) {}

absl::StatusOr<HttpResponse> ConsulApi::Call(std::string_view method, std::string_view path,
                                             std::string_view query, std::string body, const Cancel& cancel,
                                             std::optional<Duration> patience) const {
  HttpRequest request;
  request.read_timeout = patience;
  request.method = method;
  request.target = path;
  if (!query.empty()) {
    request.target.append("?").append(query);
  }
  if (!datacenter_.empty()) {
    request.target.append(query.empty() ? "?dc=" : "&dc=").append(PercentEncode(datacenter_));
  }
  request.body = std::move(body);
  absl::StatusOr<HttpResponse> response =
      CallWithSecrets(client_, std::move(request), {{"X-Consul-Token", *token_}}, cancel);
  return response.ok() ? std::move(response)
                       : Annotate(response.status(), client_.options().base.Origin() + std::string(path));
}

absl::Status ConsulApi::StatusOf(const HttpResponse& response) {
  if (response.status == 200) {
    return absl::OkStatus();
  }
  const std::string_view body = Trim(response.body);
  const std::string text =
      "Consul answered " + std::to_string(response.status) + ": " + std::string(body.substr(0, 200));
  if (response.status == 401 || body.find("ACL not found") != std::string_view::npos) {
    return absl::UnauthenticatedError(text);
  }
  if (response.status == 403 || body.find("Permission denied") != std::string_view::npos) {
    return absl::PermissionDeniedError(text);
  }
  if (response.status < 400) {
    return absl::FailedPreconditionError(text);
  }
  if (response.status == 429 || response.status == 408) {
    return absl::UnavailableError(text);
  }
  if (response.status < 500) {
    return absl::InvalidArgumentError(text);
  }
  for (std::string_view sign : kBadInput) {
    if (body.find(sign) != std::string_view::npos) {
      return absl::InvalidArgumentError(text);
    }
  }
  return absl::UnavailableError(text);
}

absl::StatusOr<JsonDocument> ConsulApi::Get(std::string_view path, std::string_view query,
                                            const Cancel& cancel) const {
  ASSIGN_OR_RETURN(const HttpResponse response, Call("GET", path, query, "", cancel));
  RETURN_IF_ERROR(Annotate(StatusOf(response), path));
  if (EqualsIgnoreCase(FindHeader(response.headers, "X-Consul-Results-Filtered-By-ACLs"), "true")) {
    return Error(absl::StatusCode::kPermissionDenied, path,
                 ": Consul left entries out that the token may not read");
  }
  if (FindHeader(response.headers, "X-Consul-KnownLeader") == "false") {
    return Error(absl::StatusCode::kUnavailable, path, ": Consul has no leader");
  }
  absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  if (!document.ok()) {
    return Error(absl::StatusCode::kUnavailable, path, ": ", Message(document.status()));
  }
  return document;
}

absl::StatusOr<WatchAnswer> ConsulApi::Wait(std::string_view path, std::string_view query, uint64_t since,
                                            const Cancel& cancel) const {
  // Not longer: an index above the server's, as after a loss of its data, blocks for all of it.
  constexpr std::string_view kWait = "&wait=60s";
  // Consul adds up to a sixteenth to the wait; the rest is for a slow answer.
  constexpr Duration kPatience = std::chrono::seconds(75);
  std::string blocking(query);
  if (since > 0) {
    blocking.append("&index=").append(std::to_string(since)).append(kWait);
  }
  ASSIGN_OR_RETURN(const HttpResponse response, Call("GET", path, blocking, "", cancel, kPatience));
  RETURN_IF_ERROR(Annotate(StatusOf(response), path));
  const std::optional<int64_t> index = ParseInt(FindHeader(response.headers, "X-Consul-Index"));
  if (!index || *index < 0) {
    return Error(absl::StatusCode::kUnavailable, path, ": the answer names no index");
  }
  return WatchAnswer{static_cast<uint64_t>(*index), Fnv1a(response.body)};
}

absl::StatusOr<HttpResponse> ConsulApi::Put(std::string_view path, std::string_view query, std::string body,
                                            const Cancel& cancel) const {
  return Call("PUT", path, query, std::move(body), cancel);
}

absl::Status ConsulApi::PutOk(std::string_view path, std::string_view query, std::string body,
                              const Cancel& cancel) const {
  ASSIGN_OR_RETURN(const HttpResponse response, Put(path, query, std::move(body), cancel));
  return Annotate(StatusOf(response), path);
}

absl::Status ConsulApi::ProveReadable(const Cancel& cancel) const {
  const auto prove = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const JsonDocument document, Get("/v1/catalog/service/consul", "", cancel));
    if (!document.root().IsArray()) {
      return absl::UnavailableError("/v1/catalog/service/consul: the answer is no list");
    }
    if (document.root().size() == 0) {
      return absl::PermissionDeniedError(
          "the token sees no service \"consul\", so what it sees may be incomplete: give it node_prefix \"\" "
          "and "
          "service_prefix \"\" read");
    }
    return absl::OkStatus();
  };
  // A powerless token is not refused: it gets 200 and an empty list. Its file may
  // hold a better one by now.
  const absl::Status status = prove();
  return absl::IsPermissionDenied(status) && token_->Refresh() ? prove() : status;
}

}  // namespace dispatcher
