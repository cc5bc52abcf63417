#include "adapters/vulcand/api.h"

#include <algorithm>
#include <span>
#include <utility>

#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::string_view kBadInput[] = {
    "should be a valid route", "is not valid",     "nsupported ",      "Missing mandatory parameter",
    "can not be empty",        "supply ",          "json: ",           "invalid character",
    "unexpected end of JSON",  "time: ",           "failed to parse",  "Not a file",
    "larger than max",         "invalid failover", "is not supported", "does not support",
    "request is too large",    "invalid read",     "invalid dial",     "failed to decode"};

// The etcd behind it is down or has no leader.
constexpr std::string_view kOutage[] = {
    "peers are not reachable",   "etcd cluster is unavailable", "etcdserver: ",
    "context deadline exceeded", "connection refused",          "no endpoints available"};

bool HasOne(std::string_view text, std::span<const std::string_view> signs) {
  return std::any_of(signs.begin(), signs.end(),
                     [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
}

std::string MessageOf(const HttpResponse& response) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  const std::string text =
      document.ok() ? document->root()["message"].StringOr(response.body) : std::string(Trim(response.body));
  return "Vulcand answered " + std::to_string(response.status) + ": " + text.substr(0, 200);
}

}  // namespace

absl::Status VulcandApi::StatusOf(const HttpResponse& response) {
  if (response.status == 200) {
    return absl::OkStatus();
  }
  const std::string text = MessageOf(response);
  if (response.status == 404) {
    return absl::NotFoundError(text);
  }
  if (response.status == 401 || response.status == 403) {
    return absl::PermissionDeniedError(text);
  }
  if (response.status < 400) {
    return absl::FailedPreconditionError(text);
  }
  if (text.find("in use") != std::string::npos) {
    return absl::AbortedError(text);
  }
  if (HasOne(text, kOutage)) {
    return absl::UnavailableError(text);
  }
  return HasOne(text, kBadInput) ? absl::InvalidArgumentError(text) : absl::UnknownError(text);
}

absl::StatusOr<HttpResponse> VulcandApi::Call(std::string method, const std::string& path, std::string body,
                                              const Cancel& cancel) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = path;
  request.body = std::move(body);
  absl::StatusOr<HttpResponse> response = client_.Call(request, cancel);
  return response.ok() ? std::move(response)
                       : Annotate(response.status(), client_.options().base.Origin() + path);
}

absl::Status VulcandApi::List(const std::string& path, std::string_view key, const Cancel& cancel,
                              absl::FunctionRef<void(JsonView)> visit) {
  ASSIGN_OR_RETURN(const HttpResponse response, Call("GET", path, "", cancel));
  if (const absl::Status status = StatusOf(response); !status.ok()) {
    // Nothing that is asked for here can be bad input or absent: what fails is Vulcand.
    return Error(absl::StatusCode::kUnavailable, path, ": ", Message(status));
  }
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  if (!document.ok()) {
    return Error(absl::StatusCode::kUnavailable, path, ": ", Message(document.status()));
  }
  const JsonView list = document->root()[key];
  if (!list.exists() || !(list.IsArray() || list.IsNull())) {
    return Error(absl::StatusCode::kUnavailable, path, ": the answer holds no list \"", key, "\"");
  }
  list.ForEach(visit);
  return absl::OkStatus();
}

absl::Status VulcandApi::Has(const std::string& path, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const HttpResponse response, Call("GET", path, "", cancel));
  return Annotate(StatusOf(response), path);
}

absl::Status VulcandApi::Post(const std::string& path, std::string body, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const HttpResponse response, Call("POST", path, std::move(body), cancel));
  return Annotate(StatusOf(response), path);
}

absl::Status VulcandApi::Delete(const std::string& path, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const HttpResponse response, Call("DELETE", path, "", cancel));
  const absl::Status status = StatusOf(response);
  return absl::IsNotFound(status) ? absl::OkStatus() : Annotate(status, path);
}

std::string CollectionPath(const EntryId& id) {
  if (id.kind == kServerKind) {
    return HttpPath("/v2/backends", {SplitServerId(id.id).first}) + "/servers";
  }
  return "/v2/" + id.kind + "s";
}

std::string ObjectPath(const EntryId& id) {
  return HttpPath(CollectionPath(id), {id.kind == kServerKind ? SplitServerId(id.id).second : id.id});
}

std::string_view Wrapper(std::string_view kind) {
  return kind == kBackendKind    ? "Backend"
         : kind == kServerKind   ? "Server"
         : kind == kFrontendKind ? "Frontend"
                                 : "Listener";
}

}  // namespace dispatcher
