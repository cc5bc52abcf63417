// Services and routes, Kong >= 0.13.
#include <utility>

#include "adapters/kong/write.h"
#include "dispatcher/base/log.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

struct Address {
  std::string protocol = "http", host, path;
  int64_t port = 80;
};

Address AddressOf(const Entry& entry, const std::string& upstream) {
  Address address;
  const std::string_view to = FieldOf(entry, "to");
  if (to == kToTargets) {
    address.host = upstream;
  } else if (const absl::StatusOr<Url> url = Url::Parse(to); url.ok()) {
    address = {url->scheme, url->host, url->path, url->port};
  }
  return address;
}

void WriteAddress(JsonWriter& json, const Address& address, bool clear_path) {
  json.Field("protocol", address.protocol).Field("host", address.host).Field("port", address.port);
  if (!address.path.empty()) {
    json.Field("path", address.path);
  } else if (clear_path) {
    json.Key("path").Null();
  }
}

void WriteMatch(JsonWriter& json, const Entry& entry, bool clear) {
  for (const char* key : {"hosts", "paths"}) {
    const std::string_view list = FieldOf(entry, key);
    if (!list.empty() && list != "[]") {
      json.Key(key).Raw(list);
    } else if (clear) {
      json.Key(key).Null();
    }
  }
  json.Field("preserve_host", FieldOf(entry, "preserve-host").empty());
  json.Field("strip_path", FieldOf(entry, "strip-path") == "true");
}

// Fields of the route's part of an entry that differ.
bool RouteDiffers(const Fields& seen, const Entry& wanted) {
  for (const char* key : {"hosts", "paths", "strip-path", "preserve-host", "narrow"}) {
    const auto field = seen.find(key);
    if ((field == seen.end() ? std::string_view() : std::string_view(field->second)) !=
        FieldOf(wanted, key)) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<KongRoute>> KongWrite::RoutesOf(const std::string& service) {
  std::vector<KongRoute> routes;
  RETURN_IF_ERROR(Noted(api_.ForEach(HttpPath("/services", {service}) + "/routes", "", cancel_,
                                     [&](JsonView json) { routes.push_back(ParseRoute(json)); })));
  return routes;
}

absl::StatusOr<KongWrite::Pair> KongWrite::FindPair(const std::string& body) {
  Pair pair;
  if (!version_.HasTags()) {
    const std::string path = HttpPath("/services", {KongName(site_.owner, body)});
    const absl::StatusOr<std::optional<JsonDocument>> found = api_.Find(path, cancel_);
    RETURN_IF_ERROR(Noted(found.status()));
    if (found->has_value()) {
      pair.service = ParseService((*found)->root());
      ASSIGN_OR_RETURN(const std::vector<KongRoute> routes, RoutesOf(pair.service->id));
      if (const KongRoute* oldest = OldestOf(routes)) {
        pair.route = *oldest;
      }
    }
    return pair;
  }
  const std::string query = MarkQuery(site_.owner, body);
  RETURN_IF_ERROR(Noted(api_.ForEach("/services", query, cancel_, [&](JsonView json) {
    KongService service = ParseService(json);
    if (BodyOfOwn(site_, version_, service) == body) {
      pair.service = std::move(service);
    }
  })));
  std::vector<KongRoute> routes;
  RETURN_IF_ERROR(Noted(api_.ForEach("/routes", query, cancel_, [&](JsonView json) {
    KongRoute route = ParseRoute(json);
    if (IsOwn(site_, version_, route) && route.mark.body == body && pair.service &&
        route.service == pair.service->id) {
      routes.push_back(std::move(route));
    }
  })));
  if (const KongRoute* oldest = OldestOf(routes)) {
    pair.route = *oldest;
  }
  return pair;
}

absl::Status KongWrite::CheckPlaces(const Entry& entry) {
  KongRoute route;
  route.hosts = ListOf(FieldOf(entry, "hosts"));
  route.paths = ListOf(FieldOf(entry, "paths"));
  if (route.hosts.empty() && route.paths.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, entry.id.id, ": no host and no path to route by");
  }
  while (const auto held = site_.book->HolderOf(route)) {
    const auto& [place, holder] = *held;
    const absl::StatusOr<std::optional<JsonDocument>> found = api_.Find(holder.path, cancel_);
    RETURN_IF_ERROR(Noted(found.status()));
    if (found->has_value()) {
      const JsonView json = (*found)->root();
      const KongRoute now = version_.HasServices() ? ParseRoute(json) : ParseApi(json).route;
      for (const std::string& still : KongBook::PlacesOf(now)) {
        if (still == place) {
          return Error(absl::StatusCode::kFailedPrecondition, "\"", place, "\" is held by ", holder.what,
                       " in Kong, which is not ours: remove that, or choose another host or path");
        }
      }
    }
    site_.book->Drop(place);
  }
  return absl::OkStatus();
}

absl::Status KongWrite::NameTaken(const std::string& name, const absl::Status& status) {
  if (status.code() != absl::StatusCode::kAlreadyExists) {
    return status;
  }
  for (const char* collection : {"/services", "/routes"}) {
    const absl::StatusOr<std::optional<JsonDocument>> found =
        api_.Find(HttpPath(collection, {name}), cancel_);
    if (found.ok() && found->has_value() && ParseMark((*found)->root()["tags"]).owner != site_.owner) {
      return Error(absl::StatusCode::kFailedPrecondition, "the name \"", name, "\" in ", collection,
                   " of Kong is another's: rename that, or choose another owner");
    }
  }
  // Held by a service of ours that is about to give it up.
  return Error(absl::StatusCode::kAborted, "the name \"", name, "\" is not free in Kong yet");
}

absl::Status KongWrite::CreateRoute(const Entry& entry, const std::string& name, const std::string& service,
                                    const std::vector<std::string>& tags) {
  JsonWriter json;
  json.BeginObject();
  if (version_.HasTags()) {
    json.Field("name", name).Key("tags").Raw(ListText(tags));
  }
  WriteMatch(json, entry, false);
  json.Key("service").BeginObject().Field("id", service).EndObject().EndObject();
  return NameTaken(name, Send("POST", "/routes", json.Take()).status());
}

absl::Status KongWrite::PutService(const Entry& entry, const std::string& body) {
  RETURN_IF_ERROR(CheckPlaces(entry));
  ASSIGN_OR_RETURN(const Pair pair, FindPair(body));
  return WritePair(entry, body, pair);
}

absl::Status KongWrite::WritePair(const Entry& entry, const std::string& body, const Pair& pair) {
  const std::string name = NameFor(entry, body);
  const std::string upstream = KongName(site_.owner, body);
  const std::vector<std::string> tags = TagsFor(entry, body);
  const Address to = AddressOf(entry, upstream);
  std::string service_id;
  if (!pair.service) {
    JsonWriter json;
    json.BeginObject().Field("name", name);
    WriteAddress(json, to, false);
    if (!tags.empty()) {
      json.Key("tags").Raw(ListText(tags));
    }
    json.EndObject();
    const absl::StatusOr<HttpResponse> made = Send("POST", "/services", json.Take());
    RETURN_IF_ERROR(NameTaken(name, made.status()));
    const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(made->body);
    service_id = document.ok() ? document->root()["id"].StringOr("") : "";
    if (service_id.empty()) {
      return absl::UnknownError("Kong answered to a new service without its id");
    }
    return CreateRoute(entry, name, service_id, tags);
  }

  const KongService& seen = *pair.service;
  const KongRoute* route = pair.route ? &*pair.route : nullptr;
  const Fields fields = FieldsOf(seen, route, "", upstream);
  const bool retag = version_.HasTags() && TagsOf(seen.mark) != tags;
  if (seen.name != name || fields.at("to") != FieldOf(entry, "to") || retag) {
    JsonWriter json;
    json.BeginObject().Field("name", name);
    WriteAddress(json, to, !seen.path.empty());
    if (version_.HasTags()) {
      json.Key("tags").Raw(ListText(Joined(tags, seen.other_tags)));
    }
    json.EndObject();
    RETURN_IF_ERROR(NameTaken(name, Send("PATCH", HttpPath("/services", {seen.id}), json.Take()).status()));
  }
  if (route == nullptr) {
    return CreateRoute(entry, name, seen.id, tags);
  }
  const bool reroute = version_.HasTags() && (route->name != name || TagsOf(route->mark) != tags);
  if (!reroute && !RouteDiffers(fields, entry)) {
    return absl::OkStatus();
  }
  JsonWriter json;
  json.BeginObject();
  WriteMatch(json, entry, true);
  if (route->narrow) {
    for (const char* key : {"methods", "headers", "snis", "sources", "destinations"}) {
      json.Key(key).Null();
    }
  }
  if (version_.HasTags()) {
    json.Field("name", name).Key("tags").Raw(ListText(Joined(tags, route->other_tags)));
  }
  json.EndObject();
  return NameTaken(name, Send("PATCH", HttpPath("/routes", {route->id}), json.Take()).status());
}

absl::StatusOr<std::string> KongWrite::GuestsOf(const Pair& pair) {
  const std::string what = "service \"" + pair.service->name + "\"";
  ASSIGN_OR_RETURN(const std::vector<KongRoute> routes, RoutesOf(pair.service->id));
  for (const KongRoute& route : routes) {
    if (!pair.route || route.id != pair.route->id) {
      return Error(absl::StatusCode::kFailedPrecondition, what, " in Kong has a route of others (",
                   route.name.empty() ? route.id : route.name, "): remove it, then the service goes too");
    }
  }
  ASSIGN_OR_RETURN(std::string guests, PluginsOn(HttpPath("/services", {pair.service->id}), what));
  if (pair.route) {
    ASSIGN_OR_RETURN(const std::string more, PluginsOn(HttpPath("/routes", {pair.route->id}), "its route"));
    guests.append(guests.empty() || more.empty() ? "" : " and ").append(more);
  }
  return guests;
}

absl::Status KongWrite::CheckGuests(const std::string& guests, const std::string& what) const {
  if (guests.empty() || site_.delete_with_plugins) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, what,
               " in Kong is left, because others put something on it: ", guests,
               ". Remove that, or set delete_with_plugins: true");
}

absl::Status KongWrite::DeleteService(const std::string& body) {
  ASSIGN_OR_RETURN(const Pair pair, FindPair(body));
  if (!pair.service) {
    return absl::OkStatus();
  }
  const std::string& name = pair.service->name;
  ASSIGN_OR_RETURN(const std::string guests, GuestsOf(pair));
  RETURN_IF_ERROR(CheckGuests(guests, "service \"" + name + "\""));
  if (!guests.empty()) {
    LogWarning("deleting a Kong service with what others put on it", {{"service", name}, {"goes", guests}});
  }
  if (pair.route) {
    RETURN_IF_ERROR(Send("DELETE", HttpPath("/routes", {pair.route->id})).status());
  }
  return Send("DELETE", HttpPath("/services", {pair.service->id})).status();
}

absl::Status KongWrite::DeleteRoute(const std::string& id) {
  const std::string path = HttpPath("/routes", {id});
  const absl::StatusOr<std::optional<JsonDocument>> found = api_.Find(path, cancel_);
  RETURN_IF_ERROR(Noted(found.status()));
  if (!found->has_value()) {
    return absl::OkStatus();
  }
  if (!IsOwn(site_, version_, ParseRoute((*found)->root()))) {
    return Error(absl::StatusCode::kFailedPrecondition, "route ", id,
                 " in Kong lacks our tag: it is left alone");
  }
  ASSIGN_OR_RETURN(const std::string guests, PluginsOn(path, "route " + id));
  RETURN_IF_ERROR(CheckGuests(guests, "route " + id));
  if (!guests.empty()) {
    LogWarning("deleting a Kong route with what others put on it", {{"route", id}, {"goes", guests}});
  }
  return Send("DELETE", path).status();
}

}  // namespace dispatcher
