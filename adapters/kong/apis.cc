// Kong before 0.13: a service and its route are one API.
#include <utility>

#include "adapters/kong/write.h"
#include "dispatcher/base/log.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

absl::StatusOr<std::optional<KongApiObject>> KongWrite::FindApi(const std::string& name) {
  const absl::StatusOr<std::optional<JsonDocument>> found = api_.Find(HttpPath("/apis", {name}), cancel_);
  RETURN_IF_ERROR(Noted(found.status()));
  return found->has_value() ? std::optional(ParseApi((*found)->root())) : std::nullopt;
}

absl::Status KongWrite::PutApi(const Entry& entry, const std::string& name) {
  RETURN_IF_ERROR(CheckPlaces(entry));
  ASSIGN_OR_RETURN(const std::optional<KongApiObject> there, FindApi(name));
  if (there) {
    Fields seen = FieldsOf(there->service, &there->route, FieldOf(entry, "name"), name);
    if (seen == entry.fields) {
      return absl::OkStatus();
    }
  }
  return WriteApi(entry, name, there);
}

absl::Status KongWrite::WriteApi(const Entry& entry, const std::string& name,
                                 const std::optional<KongApiObject>& there) {
  const std::vector<std::string> hosts = ListOf(FieldOf(entry, "hosts"));
  const std::vector<std::string> paths = ListOf(FieldOf(entry, "paths"));
  const bool strip = FieldOf(entry, "strip-path") == "true";
  const std::string_view to = FieldOf(entry, "to");
  JsonWriter json;
  json.BeginObject().Field("name", name);
  json.Field("upstream_url", to == kToTargets ? "http://" + name : std::string(to));
  json.Field("preserve_host", FieldOf(entry, "preserve-host").empty());
  const auto list = [&](const char* key, const std::vector<std::string>& items) {
    if (!items.empty()) {
      json.Key(key).Raw(ListText(items));
    } else if (there) {
      json.Key(key).Raw("[]");
    }
  };
  if (version_.HasHostLists()) {
    list("hosts", hosts);
    list("uris", paths);
    json.Field("strip_uri", strip);
  } else {
    if (hosts.size() > 1 || paths.size() > 1) {
      return Error(absl::StatusCode::kInvalidArgument, entry.id.id, ": Kong ", version_.Text(),
                   " takes one host and one path for an API, lists came with 0.10: label it with one");
    }
    if (!hosts.empty()) {
      json.Field("request_host", hosts[0]);
    }
    if (!paths.empty()) {
      json.Field("request_path", paths[0]);
    }
    json.Field("strip_request_path", strip);
  }
  json.EndObject();
  const absl::Status status =
      there ? Send("PATCH", HttpPath("/apis", {there->service.id}), json.Take()).status()
            : Send("POST", "/apis", json.Take()).status();
  if (status.code() == absl::StatusCode::kAlreadyExists) {
    // Until 0.9 hosts and paths are unique among APIs.
    return Error(absl::StatusCode::kFailedPrecondition, name,
                 " is in the way of another API in Kong: ", Message(status));
  }
  return status;
}

absl::Status KongWrite::DeleteApi(const std::string& name) {
  ASSIGN_OR_RETURN(const std::optional<KongApiObject> there, FindApi(name));
  if (!there) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string guests, PluginsOn(HttpPath("/apis", {name}), "API \"" + name + "\""));
  RETURN_IF_ERROR(CheckGuests(guests, "API \"" + name + "\""));
  if (!guests.empty()) {
    LogWarning("deleting a Kong API with what others put on it", {{"api", name}, {"goes", guests}});
  }
  const absl::Status status = Send("DELETE", HttpPath("/apis", {name})).status();
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}

}  // namespace dispatcher
