#include "dispatcher/leader/consul_lock.h"

#include <utility>
#include <vector>

#include "adapters/secret_call.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

using Code = LockAnswer::Code;
using What = LockAsk::What;

std::string PathOf(const std::string& key) {
  const std::vector<std::string_view> segments = Split(key, '/');
  return HttpPath("/v1/kv", segments);
}

// Consul's durations.
std::string SecondsText(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + "s";
}

HttpClientOptions ClientOptions(const ConsulLockOptions& options) {
  HttpClientOptions http;
  http.base = options.url;
  http.tls = options.tls;
  http.max_body = 1u << 20;
  http.max_idle_connections = 2;
  return http;
}

}  // namespace

ConsulLock::ConsulLock(ConsulLockOptions options)
    : options_(std::move(options)), key_path_(PathOf(options_.key)), client_(ClientOptions(options_)) {}

absl::StatusOr<HttpResponse> ConsulLock::Call(HttpRequest request, const Cancel& cancel) {
  return CallWithSecrets(client_, std::move(request), {{"X-Consul-Token", *options_.token}}, cancel);
}

LockAnswer ConsulLock::Failure(const absl::StatusOr<HttpResponse>& response) const {
  LockAnswer answer;
  const std::string where = options_.url.Origin() + ": ";
  if (!response.ok()) {
    answer.code = Code::kSilent;
    answer.error = where + Text(response.status());
    return answer;
  }
  const std::string body(Trim(response->body).substr(0, 200));
  answer.error = where + "Consul answered " + std::to_string(response->status) + ": " + body;
  const auto says = [&](std::string_view words) { return body.find(words) != std::string::npos; };
  if (Refused(*response) || says("ACL not found") || says("Permission denied")) {
    answer.code = Code::kDenied;
    answer.error +=
        "; the token of leader.token_file (without one, that of the Consul adapter) needs "
        "session_prefix \"\" { policy = \"write\" } and key_prefix \"" +
        options_.key + "\" { policy = \"write\" }";
  } else if (says("invalid session") || (response->status == 404 && says("Session id"))) {
    answer.code = Code::kSessionGone;
  } else {
    const bool busy = response->status >= 500 || response->status == 429 || response->status == 408;
    answer.code = busy && !says("Invalid Session TTL") ? Code::kSilent : Code::kRefused;
  }
  return answer;
}

LockAnswer ConsulLock::LookFrom(const absl::StatusOr<HttpResponse>& response) const {
  if (!response.ok() || (response->status != 200 && response->status != 404)) {
    return Failure(response);
  }
  LockAnswer answer;
  answer.view.index =
      static_cast<uint64_t>(ParseInt(FindHeader(response->headers, "X-Consul-Index")).value_or(0));
  if (response->status == 404) {
    return answer;
  }
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response->body);
  if (!document.ok() || !document->root().IsArray() || document->root().size() != 1) {
    answer.code = Code::kSilent;
    answer.error = options_.url.Origin() + ": the answer is not Consul's";
    return answer;
  }
  document->root().ForEach([&](JsonView key) {
    answer.view.there = true;
    answer.view.session = key["Session"].StringOr("");
    answer.view.value = FromBase64(key["Value"].StringOr("")).value_or("");
  });
  return answer;
}

LockAnswer ConsulLock::Do(const LockAsk& ask, Duration patience, const Cancel& cancel) {
  HttpRequest request;
  request.method = "PUT";
  request.read_timeout = patience;
  switch (ask.what) {
    case What::kCreate: {
      JsonWriter json;
      json.BeginObject().Field("Name", "dispatcher").Field("TTL", SecondsText(options_.ttl));
      json.Field("LockDelay", "1s").Field("Behavior", "release");
      json.Key("NodeChecks").BeginArray().EndArray();  // Consul from 1.7 on
      json.Key("Checks").BeginArray().EndArray().EndObject();
      request.target = "/v1/session/create";
      request.body = json.Take();
      break;
    }
    case What::kRenew:
      request.target = HttpPath("/v1/session/renew", {ask.session});
      break;
    case What::kAcquire:
      request.target = key_path_ + "?acquire=" + PercentEncode(ask.session);
      request.body = ask.value;
      break;
    case What::kRelease:
      request.target = key_path_ + "?release=" + PercentEncode(ask.session);
      request.body = ask.value;
      break;
    case What::kLook:
      request.method = "GET";
      // The default asks the leader alone, who may just have ceased to be it.
      request.target = key_path_ + "?consistent";
      break;
    case What::kDestroy:
      request.target = HttpPath("/v1/session/destroy", {ask.session});
      break;
  }
  const absl::StatusOr<HttpResponse> response = Call(std::move(request), cancel);
  if (ask.what == What::kLook) {
    return LookFrom(response);
  }
  if (!response.ok() || response->status != 200) {
    return Failure(response);
  }
  LockAnswer answer;
  if (ask.what == What::kCreate) {
    const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response->body);
    answer.session = document.ok() ? document->root()["ID"].StringOr("") : "";
    if (answer.session.empty()) {
      answer.code = Code::kSilent;
      answer.error = options_.url.Origin() + ": the answer is not Consul's";
    }
  } else if (ask.what == What::kAcquire && Trim(response->body) != "true") {
    answer.code = Code::kNotNow;
  }
  return answer;
}

LockAnswer ConsulLock::Watch(uint64_t index, Duration wait, const Cancel& cancel) {
  HttpRequest request;
  request.target = key_path_ + "?index=" + std::to_string(index) + "&wait=" + SecondsText(wait);
  // Consul waits for up to a sixteenth longer, and is silent for 7.4 s without a leader.
  request.read_timeout = wait + wait / 16 + std::chrono::seconds(8);
  return LookFrom(Call(std::move(request), cancel));
}

}  // namespace dispatcher
