#include "adapters/vulcand/etcd.h"

#include <optional>
#include <set>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr size_t kMaxKeys = 500'000;
constexpr int kPage = 5000;  // keys an answer, so that it stays well below the client's cap

// The first key that does not begin with `prefix`.
std::string EndOf(std::string prefix) {
  ++prefix.back();
  return prefix;
}

// The gateway writes 64-bit numbers as strings and leaves zeros out.
int64_t Number(JsonView value) { return ParseInt(value.StringOr("0")).value_or(value.IntOr(0)); }

void WriteOperation(JsonWriter& json, const EtcdOperation& operation) {
  json.BeginObject().Key(operation.put ? "request_put" : "request_delete_range").BeginObject();
  json.Field("key", Base64(operation.key));
  if (operation.put) {
    json.Field("value", Base64(operation.value));
  }
  json.EndObject().EndObject();
}

}  // namespace

absl::Status EtcdGateway::StatusOf(const HttpResponse& response) {
  if (response.status == 200) {
    return absl::OkStatus();
  }
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response.body);
  const std::string reason =
      document.ok() ? document->root()["error"].StringOr("") : std::string(Trim(response.body));
  const std::string text = "etcd answered " + std::to_string(response.status) + ": " + reason.substr(0, 200);
  switch (response.status) {
    case 401:
      return absl::UnauthenticatedError(text);
    case 403:
      return absl::PermissionDeniedError(text);
    case 404:
    case 405:
      return absl::FailedPreconditionError(text + " (is etcd_url that of an etcd 3.4 or later?)");
    case 400:
      return absl::InvalidArgumentError(text);
    default:
      return absl::UnavailableError(text);
  }
}

absl::StatusOr<JsonDocument> EtcdGateway::Call(const std::string& path, std::string body,
                                               const Cancel& cancel) {
  HttpRequest request;
  request.method = "POST";
  request.target = path;
  request.body = std::move(body);
  const absl::StatusOr<HttpResponse> response = client_.Call(request, cancel);
  if (!response.ok()) {
    return Annotate(response.status(), client_.options().base.Origin() + path);
  }
  RETURN_IF_ERROR(Annotate(StatusOf(*response), path));
  absl::StatusOr<JsonDocument> document = JsonDocument::Parse(response->body);
  if (!document.ok() || !document->root()["header"].IsObject()) {
    return Error(absl::StatusCode::kUnavailable, path, ": the answer is not etcd's");
  }
  return document;
}

absl::StatusOr<std::map<std::string, std::string>> EtcdGateway::Range(const std::string& prefix,
                                                                      const Cancel& cancel) {
  std::map<std::string, std::string> found;
  std::string from = prefix, revision;
  for (bool more = true; more;) {
    JsonWriter json;
    json.BeginObject().Field("key", Base64(from)).Field("range_end", Base64(EndOf(prefix)));
    json.Field("limit", std::to_string(kPage));
    if (!revision.empty()) {
      json.Field("revision", revision);
    }
    ASSIGN_OR_RETURN(const JsonDocument page, Call("/v3/kv/range", json.EndObject().Take(), cancel));
    const JsonView root = page.root();
    if (revision.empty()) {  // later pages say what is current by then
      revision = root["header"]["revision"].StringOr("");
    }
    for (size_t i = 0; i < root["kvs"].size(); ++i) {
      const JsonView pair = root["kvs"].At(i);
      std::optional<std::string> key = FromBase64(pair["key"].StringOr(""));
      if (!key.has_value()) {
        return absl::UnavailableError("/v3/kv/range: a key is not base64");
      }
      // Else it would be asked for ever; and its places are read behind the prefix.
      if (*key < from || !key->starts_with(prefix)) {
        return absl::UnavailableError("/v3/kv/range: a key that was not asked for");
      }
      from = *key + '\0';
      found[*std::move(key)] = FromBase64(pair["value"].StringOr("")).value_or("");
    }
    if (found.size() > kMaxKeys) {
      return Error(absl::StatusCode::kUnavailable, "/v3/kv/range: more than ", std::to_string(kMaxKeys),
                   " keys");
    }
    more = root["more"].BoolOr(false);
    if (more && root["kvs"].size() == 0) {
      return absl::UnavailableError("/v3/kv/range: an empty page that is not the last");
    }
  }
  return found;
}

absl::StatusOr<std::vector<std::string>> EtcdGateway::Txn(const std::vector<EtcdOperation>& operations,
                                                          const Cancel& cancel) {
  std::set<std::string> needs;
  for (const EtcdOperation& operation : operations) {
    if (!operation.needs.empty()) {
      needs.insert(operation.needs);
    }
  }
  JsonWriter json;
  json.BeginObject().Key("compare").BeginArray();
  for (const std::string& key : needs) {
    json.BeginObject().Field("key", Base64(key)).Field("target", "CREATE").Field("result", "GREATER");
    json.Field("create_revision", "0").EndObject();
  }
  json.EndArray().Key("success").BeginArray();
  for (const EtcdOperation& operation : operations) {
    WriteOperation(json, operation);
  }
  json.EndArray().Key("failure").BeginArray();
  for (const std::string& key : needs) {
    json.BeginObject().Key("request_range").BeginObject().Field("key", Base64(key));
    json.Field("count_only", true).EndObject().EndObject();
  }
  json.EndArray().EndObject();

  ASSIGN_OR_RETURN(const JsonDocument answer, Call("/v3/kv/txn", json.Take(), cancel));
  std::vector<std::string> missing;
  if (answer.root()["succeeded"].BoolOr(false)) {
    return missing;
  }
  size_t i = 0;
  for (const std::string& key : needs) {
    if (Number(answer.root()["responses"].At(i++)["response_range"]["count"]) == 0) {
      missing.push_back(key);
    }
  }
  if (missing.empty()) {
    return absl::AbortedError("/v3/kv/txn: refused, though all that it needs is there now");
  }
  return missing;
}

}  // namespace dispatcher
