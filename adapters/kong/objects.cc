#include "adapters/kong/objects.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "adapters/publish.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

std::vector<std::string> Strings(JsonView list) {
  std::vector<std::string> items;
  list.ForEach([&](JsonView item) { items.push_back(item.StringOr("")); });
  std::sort(items.begin(), items.end());
  return items;
}

bool Filled(JsonView value) { return value.size() > 0; }

// 0.8's single value, or 0.10's list.
std::vector<std::string> OneOrMany(JsonView one, JsonView many) {
  std::vector<std::string> items = Strings(many);
  if (const auto text = one.String(); text && !text->empty()) {
    items.emplace_back(*text);
  }
  return items;
}

}  // namespace

std::string KongService::Url() const {
  return protocol + "://" + HostPort(host, static_cast<int>(port)) + (path == "/" ? "" : path);
}

KongService ParseService(JsonView json) {
  KongService service;
  service.id = json["id"].StringOr("");
  service.name = json["name"].StringOr("");
  service.protocol = json["protocol"].StringOr("http");
  service.host = json["host"].StringOr("");
  service.path = json["path"].StringOr("");
  service.port = json["port"].IntOr(80);
  service.mark = ParseMark(json["tags"]);
  service.other_tags = OtherTags(json["tags"]);
  return service;
}

KongRoute ParseRoute(JsonView json) {
  KongRoute route;
  route.id = json["id"].StringOr("");
  route.name = json["name"].StringOr("");
  route.service = json["service"]["id"].StringOr("");
  route.hosts = Strings(json["hosts"]);
  route.paths = Strings(json["paths"]);
  route.strip_path = json["strip_path"].BoolOr(true);
  route.preserve_host = json["preserve_host"].BoolOr(false);
  for (const char* key : {"methods", "headers", "snis", "sources", "destinations"}) {
    route.narrow = route.narrow || Filled(json[key]);
  }
  route.created = json["created_at"].IntOr(0);
  route.mark = ParseMark(json["tags"]);
  route.other_tags = OtherTags(json["tags"]);
  return route;
}

KongTarget ParseTarget(JsonView json) {
  KongTarget target;
  target.id = json["id"].StringOr("");
  target.text = json["target"].StringOr("");
  target.address = ShortAddress(target.text);
  target.weight = json["weight"].IntOr(0);
  target.created = json["created_at"].Double().value_or(0);
  target.mark = ParseMark(json["tags"]);
  target.other_tags = OtherTags(json["tags"]);
  return target;
}

KongApiObject ParseApi(JsonView json) {
  KongApiObject api;
  api.service.id = api.route.id = api.route.service = json["id"].StringOr("");
  api.service.name = api.route.name = json["name"].StringOr("");
  if (const absl::StatusOr<Url> url = Url::Parse(json["upstream_url"].StringOr("")); url.ok()) {
    api.service.protocol = url->scheme;
    api.service.host = url->host;
    api.service.port = url->port;
    api.service.path = url->path;
  }
  api.route.hosts = OneOrMany(json["request_host"], json["hosts"]);
  api.route.paths = OneOrMany(json["request_path"], json["uris"]);
  api.route.strip_path = json["strip_uri"].BoolOr(json["strip_request_path"].BoolOr(false));
  api.route.preserve_host = json["preserve_host"].BoolOr(false);
  api.route.narrow = Filled(json["methods"]);
  return api;
}

std::vector<KongTarget> NewestOf(std::vector<KongTarget> rows) {
  std::map<std::string, KongTarget> newest;
  for (KongTarget& row : rows) {
    const auto [it, first] = newest.try_emplace(row.address, row);
    if (!first && std::tie(it->second.created, it->second.id) < std::tie(row.created, row.id)) {
      it->second = std::move(row);
    }
  }
  std::vector<KongTarget> active;
  for (auto& [address, row] : newest) {
    if (row.weight > 0) {
      active.push_back(std::move(row));
    }
  }
  return active;
}

Fields FieldsOf(const KongService& service, const KongRoute* route, std::string_view name,
                std::string_view upstream) {
  Fields fields = {{"name", std::string(name)}};
  const bool to_targets = service.host == upstream && service.protocol == "http" && service.path.empty();
  fields["to"] = to_targets ? std::string(kToTargets) : service.Url();
  if (route == nullptr) {
    return fields;
  }
  fields["hosts"] = ListText(route->hosts);
  if (!route->paths.empty()) {
    fields["paths"] = ListText(route->paths);
  }
  if (route->strip_path) {
    fields["strip-path"] = "true";
  }
  if (!route->preserve_host) {
    fields["preserve-host"] = "false";
  }
  if (route->narrow) {
    fields["narrow"] = "true";
  }
  return fields;
}

Fields FieldsOf(const KongTarget& target) {
  return {{"address", target.address}, {"weight", std::to_string(target.weight)}};
}

std::string ListText(std::vector<std::string> items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  JsonWriter json;
  json.BeginArray();
  for (const std::string& item : items) {
    json.String(item);
  }
  json.EndArray();
  return json.Take();
}

std::vector<std::string> ListOf(std::string_view text) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(text);
  return document.ok() ? Strings(document->root()) : std::vector<std::string>();
}

std::string_view FieldOf(const Entry& entry, std::string_view key) {
  const auto found = entry.fields.find(std::string(key));
  return found == entry.fields.end() ? std::string_view() : std::string_view(found->second);
}

absl::Status CheckTarget(const Entry& entry) {
  const std::string_view address = FieldOf(entry, "address");
  if (!IsDestination(address)) {
    return Error(absl::StatusCode::kInvalidArgument, entry.id.id, ": no address to send traffic to (\"",
                 address, "\")");
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
