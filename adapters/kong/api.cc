#include "adapters/kong/api.h"

#include <utility>

#include "adapters/secret_call.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// The largest page that Kong gives (1 to 1000; before 1.0 without a limit).
constexpr std::string_view kPageSize = "size=1000";

// "kong/3.9.3"; "" if it is another's, of a proxy before Kong.
std::string ServerOf(const HttpResponse& response) {
  const std::string_view server = FindHeader(response.headers, "Server");
  return server.starts_with("kong/") ? std::string(server) : "";
}

// Kong's own words, without a body that may be a page of HTML.
std::string Words(const HttpResponse& response) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  std::string text;
  if (document.ok()) {
    text = document->root()["message"].StringOr("");
    if (text.empty()) {
      text = document->root().Dump();  // before 1.0: {"name":"already exists with value 'web'"}
    }
  }
  return "Kong answered " + std::to_string(response.status) + (text.empty() ? "" : ": ") +
         text.substr(0, 300);
}

// The offset of the page after this one, encoded; "" at the end. `next` forgets the size of
// nested lists and is absolute before 1.0, where it may name a host that only Kong itself
// can reach, so that no more than its offset is taken; 0.8 gives that nowhere else.
std::string NextOffset(JsonView page) {
  if (const std::optional<std::string_view> offset = page["offset"].String()) {
    return PercentEncode(*offset);
  }
  constexpr std::string_view kKey = "offset=";
  const std::string next = page["next"].StringOr("");
  const size_t at = next.find(kKey);
  if (at == std::string::npos) {
    return "";
  }
  const std::string rest = next.substr(at + kKey.size());
  return rest.substr(0, rest.find('&'));
}

}  // namespace

KongApi::KongApi(HttpClientOptions http, std::shared_ptr<Secret> token, std::shared_ptr<Secret> key,
                 std::string workspace)
    : client_(std::move(http)),
      token_(std::move(token)),
      key_(std::move(key)),
      workspace_(workspace.empty() ? "" : "/" + PercentEncode(workspace)) {}

void KongApi::Forget() {
  MutexLock lock(mutex_);
  version_.reset();
}

uint64_t KongApi::moves() const {
  MutexLock lock(mutex_);
  return moves_;
}

absl::StatusOr<HttpResponse> KongApi::Call(std::string_view method, std::string_view path,
                                           std::string_view query, std::string body, const Cancel& cancel) {
  HttpRequest request;
  request.method = method;
  request.target = path == "/" ? "" : workspace_;
  request.target.append(path);
  if (!query.empty()) {
    request.target.append("?").append(query);
  }
  request.body = std::move(body);
  absl::StatusOr<HttpResponse> response = CallWithSecrets(
      client_, std::move(request), {{"Kong-Admin-Token", *token_}, {"apikey", *key_}}, cancel);
  if (!response.ok()) {
    Forget();
    return Annotate(response.status(), client_.options().base.Origin() + std::string(path));
  }
  if (response->status >= 500 || response->status == 405) {
    Forget();
    return response;
  }
  const std::string server = ServerOf(*response);
  MutexLock lock(mutex_);
  if (server.empty() || server == server_) {
    return response;
  }
  const std::string before = std::exchange(server_, server);
  if (!before.empty()) {
    version_.reset();
    ++moves_;
    return Error(absl::StatusCode::kAborted, "Kong was ", before, " and is ", server, " now");
  }
  return response;
}

absl::StatusOr<KongVersion> KongApi::Version(const Cancel& cancel) {
  {
    MutexLock lock(mutex_);
    if (version_) {
      return *version_;
    }
  }
  ASSIGN_OR_RETURN(const HttpResponse response, Call("GET", "/", "", "", cancel));
  RETURN_IF_ERROR(Annotate(StatusOf(response), "/"));
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  std::optional<KongVersion> version;
  if (document.ok()) {
    version = KongVersion::Parse(document->root()["version"].StringOr(""));
  }
  if (!version) {
    return Error(absl::StatusCode::kFailedPrecondition, client_.options().base.Origin(),
                 "/ does not answer as Kong's Admin API does: is the url that of the proxy?");
  }
  version->dbless = document->root()["configuration"]["database"].StringOr("") == "off";
  MutexLock lock(mutex_);
  version_ = version;
  return *version;
}

absl::Status KongApi::StatusOf(const HttpResponse& response) {
  const int status = response.status;
  if (status >= 200 && status < 300) {
    return absl::OkStatus();
  }
  const std::string text = Words(response);
  switch (status) {
    case 401:
      return absl::UnauthenticatedError(text);
    case 403:
      return absl::PermissionDeniedError(text);
    case 404:
      return absl::NotFoundError(text);
    case 408:
    case 429:
      return absl::UnavailableError(text);
    case 409:
      return absl::AlreadyExistsError(text);
    default:
      break;
  }
  // What it refers to is not there (any more), or something came that refers to it.
  if (response.body.find("\"foreign key violation\"") != std::string::npos) {
    return absl::AbortedError(text);
  }
  if (status < 400 || status == 405) {
    return absl::FailedPreconditionError(text);
  }
  return status < 500 ? absl::InvalidArgumentError(text) : absl::UnavailableError(text);
}

absl::StatusOr<JsonDocument> KongApi::Get(std::string_view path, std::string_view query,
                                          const Cancel& cancel) {
  ASSIGN_OR_RETURN(const HttpResponse response, Call("GET", path, query, "", cancel));
  RETURN_IF_ERROR(Annotate(StatusOf(response), path));
  absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  if (!document.ok() || !document->root().IsObject()) {
    return Error(absl::StatusCode::kUnavailable, path, ": the answer is no JSON object");
  }
  return document;
}

absl::StatusOr<std::optional<JsonDocument>> KongApi::Find(std::string_view path, const Cancel& cancel) {
  absl::StatusOr<JsonDocument> document = Get(path, "", cancel);
  if (document.status().code() == absl::StatusCode::kNotFound) {
    return std::nullopt;
  }
  RETURN_IF_ERROR(document.status());
  return std::optional(*std::move(document));
}

absl::Status KongApi::ForEach(std::string_view path, std::string_view query, const Cancel& cancel,
                              absl::FunctionRef<void(JsonView)> visit) {
  // Who answers with more is no Kong of anybody's, and neither is one whose pages go round.
  constexpr size_t kMaxObjects = 500'000;
  constexpr int kMaxPages = 10'000;
  std::string offset;
  size_t objects = 0;
  for (int pages = 1;; ++pages) {
    std::string page = std::string(kPageSize);
    if (!query.empty()) {
      page.append("&").append(query);
    }
    if (!offset.empty()) {
      page.append("&offset=").append(offset);
    }
    ASSIGN_OR_RETURN(const JsonDocument document, Get(path, page, cancel));
    // An empty list is {} in some versions: Lua can't tell it from an empty object.
    const JsonView data = document.root()["data"];
    if (!data.IsArray() && !(data.IsObject() && data.size() == 0)) {
      return Error(absl::StatusCode::kUnavailable, path, ": the answer has no list");
    }
    objects += data.size();
    if (objects > kMaxObjects) {
      return Error(absl::StatusCode::kUnavailable, path, ": more than ", std::to_string(kMaxObjects),
                   " objects");
    }
    data.ForEach(visit);
    const std::string next = NextOffset(document.root());
    if (next.empty()) {
      return absl::OkStatus();
    }
    if (next == offset || pages == kMaxPages) {
      return Error(absl::StatusCode::kUnavailable, path, ": its pages don't end");
    }
    offset = next;
  }
}

}  // namespace dispatcher
