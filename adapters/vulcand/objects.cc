#include "adapters/vulcand/objects.h"

#include <utility>

#include "adapters/publish.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/routes.h"

namespace dispatcher {
namespace {

constexpr std::string_view kHttp = "http";
constexpr std::string_view kScheme = "http://";

enum Rank : uint8_t { kBackendRank, kServerRank, kFrontendRank, kListenerRank };

Entry Make(std::string_view kind, Rank rank, std::string id, ServiceKey service) {
  Entry entry;
  entry.id = {"", std::string(kind), std::move(id)};
  entry.rank = rank;
  entry.service = std::move(service);
  return entry;
}

}  // namespace

Entry BackendEntry(std::string id, ServiceKey service) {
  Entry entry = Make(kBackendKind, kBackendRank, std::move(id), std::move(service));
  entry.fields["type"] = kHttp;
  return entry;
}

Entry ServerEntry(std::string_view backend, ServiceKey service, TaskId task, std::string address) {
  std::string id = std::string(backend) + "/" + VulcandServerId(task, service.port);
  Entry entry = Make(kServerKind, kServerRank, std::move(id), std::move(service));
  entry.task = std::move(task);
  entry.address = address;
  entry.fields["address"] = std::move(address);
  return entry;
}

Entry FrontendEntry(std::string id, ServiceKey service, std::string backend, std::string route,
                    std::string hostname) {
  Entry entry = Make(kFrontendKind, kFrontendRank, std::move(id), std::move(service));
  entry.fields = {{"backend", std::move(backend)}, {"route", std::move(route)}};
  if (!hostname.empty()) {
    entry.fields["hostname"] = std::move(hostname);
  }
  return entry;
}

Entry ListenerEntry(std::string id, ServiceKey service, std::string address, std::string scope) {
  Entry entry = Make(kListenerKind, kListenerRank, std::move(id), std::move(service));
  entry.fields = {
      {"address", std::move(address)}, {"protocol", std::string(kHttp)}, {"scope", std::move(scope)}};
  return entry;
}

std::optional<Entry> ParseBackend(std::string_view owner, std::string_view id, JsonView object) {
  auto service = ParseVulcandId(owner, id);
  if (!service.has_value()) {
    return std::nullopt;
  }
  Entry entry = BackendEntry(std::string(id), *std::move(service));
  entry.fields["type"] = object["Type"].StringOr("");
  return entry;
}

std::optional<Entry> ParseServer(std::string_view owner, std::string_view backend, std::string_view id,
                                 JsonView object) {
  auto service = ParseVulcandId(owner, backend);
  auto task = ParseVulcandServerId(id);
  if (!service.has_value() || !task.has_value()) {
    return std::nullopt;
  }
  if (IsSharedVulcandId(backend)) {
    *service = {AppOfTask(task->task), task->port};
  }
  if (service->port != task->port) {
    return std::nullopt;
  }
  std::string url = object["URL"].StringOr("");
  if (url.starts_with(kScheme)) {
    url.erase(0, kScheme.size());
  }
  return ServerEntry(backend, *std::move(service), std::move(task->task), std::move(url));
}

std::optional<Entry> ParseFrontend(std::string_view owner, std::string_view id, JsonView object) {
  auto service = ParseVulcandId(owner, id);
  if (!service.has_value()) {
    return std::nullopt;
  }
  std::string route = object["Route"].StringOr("");
  route.resize(RouteWithoutMark(route).size());
  Entry entry = FrontendEntry(std::string(id), *std::move(service), object["BackendId"].StringOr(""),
                              std::move(route), object["Settings"]["Hostname"].StringOr(""));
  if (HidesHost(object)) {
    entry.fields["pass-host-header"] = "false";
  }
  if (const std::string type = object["Type"].StringOr(""); type != kHttp) {
    entry.fields["type"] = type;
  }
  return entry;
}

std::optional<Entry> ParseListener(std::string_view owner, std::string_view id, JsonView object) {
  auto service = ParseVulcandId(owner, id);
  if (!service.has_value()) {
    return std::nullopt;
  }
  Entry entry = ListenerEntry(std::string(id), *std::move(service), object["Address"]["Address"].StringOr(""),
                              object["Scope"].StringOr(""));
  entry.fields["protocol"] = object["Protocol"].StringOr("");
  return entry;
}

bool HidesHost(JsonView frontend) {
  const std::optional<bool> pass = frontend["Settings"]["PassHostHeader"].Bool();
  return pass.has_value() && !*pass;
}

absl::StatusOr<std::string> ObjectJson(const Entry& entry, int64_t memory) {
  const auto missing = [&](std::string_view what) {
    return Error(absl::StatusCode::kInvalidArgument, entry.id.kind, " ", entry.id.id, ": ", what);
  };
  JsonWriter json;
  if (entry.id.kind == kBackendKind) {
    return json.BeginObject().Field("Id", entry.id.id).Field("Type", kHttp).EndObject().Take();
  }
  if (entry.id.kind == kServerKind) {
    const std::string_view address = FieldOf(entry, "address");
    if (!IsDestination(address)) {
      return missing("no address to send traffic to (\"" + std::string(address) + "\")");
    }
    json.BeginObject().Field("Id", SplitServerId(entry.id.id).second);
    return json.Field("URL", std::string(kScheme) + std::string(address)).EndObject().Take();
  }
  if (entry.id.kind == kFrontendKind) {
    if (FieldOf(entry, "route").empty() || FieldOf(entry, "backend").empty()) {
      return missing("no route or no backend");
    }
    json.BeginObject().Field("Id", entry.id.id).Field("Type", kHttp);
    json.Field("BackendId", FieldOf(entry, "backend")).Field("Route", FieldOf(entry, "route"));
    json.Key("Settings").BeginObject().Field("Hostname", FieldOf(entry, "hostname"));
    json.Field("PassHostHeader", true).Key("Limits").BeginObject().Field("MaxMemBodyBytes", memory);
    return json.EndObject().EndObject().EndObject().Take();
  }
  if (entry.id.kind == kListenerKind) {
    if (FieldOf(entry, "address").empty()) {
      return missing("no address to listen on");
    }
    json.BeginObject().Field("Id", entry.id.id).Field("Protocol", kHttp).Key("Address").BeginObject();
    json.Field("Network", "tcp").Field("Address", FieldOf(entry, "address")).EndObject();
    return json.Field("Scope", FieldOf(entry, "scope")).EndObject().Take();
  }
  return missing("Vulcand has no such kind");
}

std::pair<std::string_view, std::string_view> SplitServerId(std::string_view id) {
  const size_t slash = std::min(id.find('/'), id.size());
  return {id.substr(0, slash), id.substr(std::min(slash + 1, id.size()))};
}

}  // namespace dispatcher
