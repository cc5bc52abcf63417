#include "tests/vulcand_model/wire.h"

#include <algorithm>
#include <regex>

#include "dispatcher/base/strings.h"
#include "tests/vulcand_model/route.h"

namespace dispatcher::testing {
namespace {

constexpr std::string_view kBackend =
    R"({"Id":"","Type":"","Settings":{"Timeouts":{"Read":"","Dial":"","TLSHandshake":""},
        "KeepAlive":{"Period":"","MaxIdleConnsPerHost":0}}})";
constexpr std::string_view kTls =
    R"({"PreferServerCipherSuites":false,"InsecureSkipVerify":false,"MinVersion":"","MaxVersion":"",
        "SessionTicketsDisabled":false,"SessionCache":{"Type":"","Settings":null},"CipherSuites":null})";
constexpr std::string_view kStats =
    R"({"Verdict":{"IsBad":false,"Anomalies":null},"Counters":{"Period":0,"NetErrors":0,"Total":0,
        "StatusCodes":null},"LatencyBrackets":null})";
constexpr std::string_view kServer = R"({"Id":"","URL":""})";
constexpr std::string_view kFrontend =
    R"({"Id":"","Route":"","Type":"","BackendId":"","Settings":{"Limits":{"MaxMemBodyBytes":0,
        "MaxBodyBytes":0},"FailoverPredicate":"","Hostname":"","TrustForwardHeader":false,
        "PassHostHeader":false,"Stream":false,"StreamFlushIntervalNanoSecs":0}})";
constexpr std::string_view kFrontendOfBeta3 =
    R"({"Id":"","Route":"","Type":"","BackendId":"","Settings":{"Limits":{"MaxMemBodyBytes":0,
        "MaxBodyBytes":0},"FailoverPredicate":"","Hostname":"","TrustForwardHeader":false}})";
constexpr std::string_view kListener =
    R"({"Id":"","Protocol":"","Address":{"Network":"","Address":""},"Scope":"","ProxyProtocol":""})";
constexpr std::string_view kListenerOfBeta3 =
    R"({"Id":"","Protocol":"","Address":{"Network":"","Address":""},"Scope":""})";
constexpr std::string_view kHost =
    R"({"Name":"","Settings":{"Default":false,"KeyPair":null,"AutoCert":null,"OCSP":{"Enabled":false,
        "Period":"","Responders":null,"SkipSignatureCheck":false}}})";

// A member by Go's rule: any case.
JsonView Member(JsonView object, std::string_view key) {
  JsonView found = object[key];
  if (!found.exists()) {
    object.ForEachMember(
        [&](std::string_view name, JsonView value) { found = EqualsIgnoreCase(name, key) ? value : found; });
  }
  return found;
}

// The members of `form`, with the values of `given` where there are any.
void Fill(JsonWriter& json, JsonView form, JsonView given) {
  json.BeginObject();
  form.ForEachMember([&](std::string_view key, JsonView usual) {
    const JsonView value = Member(given, key);
    json.Key(key);
    if (usual.IsObject()) {
      Fill(json, usual, value);
    } else {
      json.Raw(value.IsNull() ? usual.Dump() : value.Dump());
    }
  });
  json.EndObject();
}

std::string Filled(std::string_view form, JsonView given) {
  JsonWriter json;
  Fill(json, JsonDocument::Parse(form)->root(), given);
  return json.Take();
}

// Go's url.ParseRequestURI, as far as recordings tell.
bool IsGoUrl(const std::string& url) {
  static const std::regex scheme("^[A-Za-z][A-Za-z0-9+.-]*:.*");
  static const std::regex authority(
      "^[^/]*//([^/@]*@)?(\\[[0-9a-fA-F:]+\\]|[^/ :\\[%]*)(:[0-9]*)?([/?].*)?$");
  if (url.starts_with('/') || url == "*") {
    return true;
  }
  return std::regex_match(url, scheme) &&
         (url.find("//") == std::string::npos || std::regex_match(url, authority));
}

absl::Status Bad(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::StatusOr<WireObject> Backend(JsonView given) {
  const std::string type = Member(given, "Type").StringOr("");
  if (type != "http") {
    return Bad("Unsupported backend type " + type);
  }
  WireObject object{Member(given, "Id").StringOr(""), Filled(kBackend, given)};
  if (object.id.empty()) {
    return absl::FailedPreconditionError("backend id can not be empty");
  }
  if (const JsonView tls = Member(Member(given, "Settings"), "TLS"); tls.IsObject()) {
    object.json.insert(object.json.find("\"Settings\":{") + 12, "\"TLS\":" + Filled(kTls, tls) + ",");
  }
  if (const JsonView stats = Member(given, "Stats"); stats.IsObject()) {
    object.json.insert(1, "\"Stats\":" + Filled(kStats, stats) + ",");
  }
  return object;
}

absl::StatusOr<WireObject> Server(JsonView given) {
  const std::string url = Member(given, "URL").StringOr("");
  if (!IsGoUrl(url)) {
    return Bad("endpoint url '" + url + "' is not valid");
  }
  WireObject object{Member(given, "Id").StringOr(""), Filled(kServer, given)};
  if (object.id.empty()) {
    return absl::FailedPreconditionError("backend id and server id can not be empty");
  }
  return object;
}

absl::StatusOr<WireObject> Frontend(VulcandVersion version, JsonView given) {
  const std::string type = Member(given, "Type").StringOr(""), route = Member(given, "Route").StringOr("");
  if (type != "http") {
    return Bad("Unsupported frontend type: " + type);
  }
  WireObject object{Member(given, "Id").StringOr(""),
                    Filled(version == VulcandVersion::kBeta3 ? kFrontendOfBeta3 : kFrontend, given)};
  if (object.id.empty() || Member(given, "BackendId").StringOr("").empty()) {
    return Bad("supply valid  route, id, and backendId");
  }
  if (!Route::Parse(route).has_value()) {
    return Bad("route should be a valid route expression: " + route);
  }
  return object;
}

absl::StatusOr<WireObject> Listener(VulcandVersion version, JsonView given) {
  const JsonView address = Member(given, "Address");
  const std::string protocol = Member(given, "Protocol").StringOr(""),
                    network = Member(address, "Network").StringOr(""),
                    scope = Member(given, "Scope").StringOr(""),
                    proxy = Member(given, "ProxyProtocol").StringOr("");
  if (protocol != "http" && protocol != "https") {
    return Bad("unsupported protocol '" + protocol + "', supported protocols are http and https");
  }
  if (network != "tcp" && network != "unix") {
    return Bad("unsupported network '" + network + "', supported networks are tcp and unix");
  }
  if (Member(address, "Address").StringOr("").empty()) {
    return Bad("supply a non empty address");
  }
  if (!scope.empty() && !Route::Parse(scope).has_value()) {
    return Bad("Scope should be a valid route expression");
  }
  if (version != VulcandVersion::kBeta3 && !proxy.empty() && proxy != "PROXY_V1" && proxy != "NONE") {
    return Bad("Unsupported Proxy Header '" + proxy + "', must be `PROXY_V1` or `NONE`");
  }
  WireObject object{Member(given, "Id").StringOr(""),
                    Filled(version == VulcandVersion::kBeta3 ? kListenerOfBeta3 : kListener, given)};
  if (object.id.empty()) {
    return absl::FailedPreconditionError("listener id can not be empty");
  }
  return object;
}

// What is inside a middleware is taken as it comes.
absl::StatusOr<WireObject> Middleware(JsonView given) {
  const std::string type = Member(given, "Type").StringOr("");
  constexpr std::string_view kTypes[] = {"connlimit", "ratelimit", "rewrite", "cbreaker", "trace"};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    return Bad("middleware of type " + type + " is not supported");
  }
  WireObject object{Member(given, "Id").StringOr(""), ""};
  if (object.id.empty()) {
    return absl::FailedPreconditionError("frontend id and middleware id can not be empty");
  }
  JsonWriter json;
  json.BeginObject().Field("Id", object.id).Field("Priority", Member(given, "Priority").IntOr(0));
  json.Field("Type", type).Key("Middleware").Raw(Member(given, "Middleware").Dump()).EndObject();
  object.json = json.Take();
  return object;
}

absl::StatusOr<WireObject> Host(JsonView given) {
  WireObject object{Member(given, "Name").StringOr(""), Filled(kHost, given)};
  if (object.id.empty()) {
    return Bad("Hostname can not be empty");
  }
  if (Member(Member(given, "Settings"), "KeyPair").IsObject()) {
    return Bad("this backend does not support encryption");
  }
  return object;
}

}  // namespace

absl::StatusOr<WireObject> ParseWire(VulcandVersion version, std::string_view kind, std::string_view body) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(body);
  if (!document.ok()) {
    return Bad("unexpected end of JSON input");
  }
  const JsonView given = Member(document->root(), kind);
  if (!given.exists()) {
    return Bad("Missing mandatory parameter: " + std::string(kind));
  }
  if (kind == "Backend") {
    return Backend(given);
  }
  if (kind == "Server") {
    return Server(given);
  }
  if (kind == "Frontend") {
    return Frontend(version, given);
  }
  if (kind == "Host") {
    return Host(given);
  }
  return kind == "Listener" ? Listener(version, given) : Middleware(given);
}

}  // namespace dispatcher::testing
