#include "adapters/consul/registration.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// The keys keep to Consul's set, [A-Za-z0-9_-]; "consul-" is reserved there.
constexpr std::string_view kAppKey = "dispatcher-app";
constexpr std::string_view kPortKey = "dispatcher-port";
constexpr std::string_view kTaskKey = "dispatcher-task";
constexpr std::string_view kVersionKey = "dispatcher-version";
constexpr std::string_view kFrameworkKey = "dispatcher-framework";
constexpr std::string_view kHostKey = "dispatcher-host";
constexpr std::string_view kChecksKey = "dispatcher-checks";

std::string TagsText(const std::vector<std::string>& tags) {
  JsonWriter json;
  json.BeginArray();
  for (const std::string& tag : tags) {
    json.String(tag);
  }
  json.EndArray();
  return json.Take();
}

}  // namespace

Rendered RenderService(const Service& service, std::string_view adapter, Expose expose) {
  Rendered rendered = Publication(service, adapter, expose);
  if (rendered.published && service.key.app.size() > kMaxAppId) {
    rendered.published = false;
    rendered.refusal = "the app's id is longer than 400 bytes, more than Consul's Meta takes";
  }
  ClaimNames(service, rendered);
  return rendered;
}

std::string ServiceId(std::string_view owner, std::string_view task, int port_index, size_t name_index) {
  std::string id(owner);
  id.append(":").append(task).append(":").append(std::to_string(port_index));
  if (name_index > 0) {
    id.append(".").append(std::to_string(name_index));
  }
  return id.append("~");
}

std::vector<Registration> RegistrationsOf(std::string_view owner, std::string_view framework,
                                          const Service& service, const Instance& instance) {
  std::vector<Registration> found;
  if (instance.profile == nullptr || instance.task.size() > kMaxMetaValue || HostOf(instance).empty()) {
    return found;
  }
  const Profile& profile = *instance.profile;
  for (size_t i = 0; i < profile.names.size(); ++i) {
    Registration registration;
    registration.id = ServiceId(owner, instance.task, service.key.port, i);
    registration.name = profile.names[i];
    registration.address = instance.address;
    registration.port = instance.port;
    registration.tags = profile.tags;
    registration.weight = std::clamp(profile.weight, 1, 65535);
    registration.owner = owner;
    registration.app = service.key.app;
    registration.port_index = service.key.port;
    registration.task = instance.task;
    registration.version = instance.version;
    registration.framework = framework;
    found.push_back(std::move(registration));
  }
  return found;
}

Registration ParseRegistration(JsonView service) {
  Registration registration;
  registration.id = service["ID"].StringOr("");
  registration.name = service["Service"].StringOr("");
  registration.address = service["Address"].StringOr("");
  registration.port = service["Port"].IntOr(0);
  service["Tags"].ForEach([&](JsonView tag) { registration.tags.push_back(tag.StringOr("")); });
  registration.weight = service["Weights"]["Passing"].IntOr(1);
  registration.warning_weight = service["Weights"]["Warning"].IntOr(1);
  registration.tag_override = service["EnableTagOverride"].BoolOr(false);
  const JsonView meta = service["Meta"];
  registration.owner = meta[kOwnerKey].StringOr("");
  registration.app = meta[kAppKey].StringOr("");
  registration.port_index = ParseInt(meta[kPortKey].StringOr("")).value_or(0);
  registration.task = meta[kTaskKey].StringOr("");
  registration.version = meta[kVersionKey].StringOr("");
  registration.framework = meta[kFrameworkKey].StringOr("");
  registration.host = meta[kHostKey].StringOr("");
  registration.checks = meta[kChecksKey].StringOr("");
  return registration;
}

bool IsOwn(const Registration& registration, std::string_view owner) {
  return registration.owner == owner && registration.id.size() > owner.size() &&
         registration.id.starts_with(owner) && registration.id[owner.size()] == ':';
}

Entry EntryOf(const Registration& registration) {
  Entry entry;
  entry.id.id = registration.id;
  entry.service = {registration.app, static_cast<int>(registration.port_index)};
  entry.task = registration.task;
  const std::string address = HostPort(registration.address, static_cast<int>(registration.port));
  entry.address = registration.task.empty() ? "" : address;  // a router's is nobody's own
  entry.framework = registration.framework;
  entry.fields = {{"address", address}, {"name", registration.name}, {"version", registration.version}};
  if (!registration.tags.empty()) {
    entry.fields["tags"] = TagsText(registration.tags);
  }
  if (registration.weight != 1 || registration.warning_weight != 1) {
    entry.fields["weights"] =
        std::to_string(registration.weight) + "/" + std::to_string(registration.warning_weight);
  }
  if (registration.tag_override) {
    entry.fields["tag-override"] = "true";
  }
  return entry;
}

absl::Status CheckWritable(const Entry& entry) {
  if (!IsDestination(FieldOf(entry, "address"))) {
    return Error(absl::StatusCode::kInvalidArgument, entry.id.id, ": no address to send traffic to (\"",
                 FieldOf(entry, "address"), "\")");
  }
  if (FieldOf(entry, "name").empty()) {
    return Error(absl::StatusCode::kInvalidArgument, entry.id.id, ": no name");
  }
  return absl::OkStatus();
}

void WriteRegistration(JsonWriter& json, const Entry& entry, std::string_view service_id,
                       std::string_view owner, std::string_view name_key, std::string_view host,
                       std::string_view checks) {
  const auto [address, port] = SplitHostPort(FieldOf(entry, "address"));
  json.Field("ID", service_id).Field(name_key, FieldOf(entry, "name"));
  json.Field("Address", address).Field("Port", port);
  if (const std::string_view tags = FieldOf(entry, "tags"); !tags.empty()) {
    json.Key("Tags").Raw(tags);
  }
  const std::string_view weights = FieldOf(entry, "weights");
  const int64_t weight = ParseInt(weights.substr(0, weights.find('/'))).value_or(1);
  json.Key("Weights").BeginObject().Field("Passing", weight).Field("Warning", 1).EndObject();
  json.Key("Meta").BeginObject();
  json.Field(kOwnerKey, owner).Field(kAppKey, entry.service.app);
  json.Field(kPortKey, std::to_string(entry.service.port)).Field(kTaskKey, entry.task);
  json.Field(kVersionKey, FieldOf(entry, "version")).Field(kFrameworkKey, entry.framework);
  if (!host.empty()) {
    json.Field(kHostKey, host);
  }
  if (!checks.empty()) {
    json.Field(kChecksKey, checks);
  }
  json.EndObject();
}

}  // namespace dispatcher
