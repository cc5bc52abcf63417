#include "tests/e2e/frame/consul.h"

#include <algorithm>

namespace dispatcher::testing {
namespace {

int Badness(std::string_view status) { return status == "passing" ? 0 : status == "warning" ? 1 : 2; }

Registration ReadRegistration(JsonView entry) {
  const JsonView service = entry["Service"];
  Registration found;
  found.id = service["ID"].StringOr("");
  found.node = entry["Node"]["Node"].StringOr("");
  found.address = service["Address"].StringOr("");
  if (found.address.empty()) {
    found.address = entry["Node"]["Address"].StringOr("");
  }
  found.port = static_cast<int>(service["Port"].IntOr(0));
  found.status = "passing";
  entry["Checks"].ForEach([&](JsonView check) {
    const std::string status = check["Status"].StringOr("");
    if (Badness(status) > Badness(found.status)) {
      found.status = status;
    }
  });
  service["Tags"].ForEach([&](JsonView tag) { found.tags.push_back(tag.StringOr("")); });
  std::sort(found.tags.begin(), found.tags.end());
  service["Meta"].ForEachMember(
      [&](std::string_view key, JsonView value) { found.meta[std::string(key)] = value.StringOr(""); });
  return found;
}

std::vector<std::string> ServiceNames(Http& consul) {
  std::vector<std::string> names;
  const JsonDocument services = consul.GetJson("/v1/catalog/services");
  services.root().ForEachMember([&](std::string_view name, JsonView) {
    if (name != "consul") {
      names.emplace_back(name);
    }
  });
  return names;
}

}  // namespace

std::vector<Registration> RegistrationsOf(Http& consul, std::string_view service) {
  std::vector<Registration> found;
  const JsonDocument entries = consul.GetJson(HttpPath("/v1/health/service", {service}));
  entries.root().ForEach([&](JsonView entry) { found.push_back(ReadRegistration(entry)); });
  return found;
}

std::map<std::string, int64_t> WrittenAt(Http& consul, std::string_view service) {
  std::map<std::string, int64_t> indexes;
  const JsonDocument entries = consul.GetJson(HttpPath("/v1/catalog/service", {service}));
  entries.root().ForEach(
      [&](JsonView entry) { indexes[entry["ServiceID"].StringOr("")] = entry["ModifyIndex"].IntOr(0); });
  return indexes;
}

Endpoints Registered(Http& consul) {
  Endpoints found;
  for (const std::string& name : ServiceNames(consul)) {
    for (const Registration& registration : RegistrationsOf(consul, name)) {
      found[{name, registration.address, registration.port}] = registration.status;
    }
  }
  return found;
}

void RegisterStranger(Http& consul, std::string_view service, std::string_view address, int port) {
  JsonWriter json;
  json.BeginObject().Field("Node", "stranger").Field("Address", address).Key("Service").BeginObject();
  json.Field("ID", std::string(service) + "-1").Field("Service", service).Field("Address", address);
  json.Field("Port", port).EndObject().EndObject();
  consul.Must("PUT", "/v1/catalog/register", json.text());
}

void Empty(Http& consul) {
  const JsonDocument own = consul.GetJson("/v1/agent/services");
  own.root().ForEachMember([&](std::string_view id, JsonView) {
    consul.Must("PUT", HttpPath("/v1/agent/service/deregister", {id}));
  });
  const JsonDocument nodes = consul.GetJson("/v1/catalog/nodes");
  nodes.root().ForEach([&](JsonView node) {
    const std::string name = node["Node"].StringOr("");
    const JsonDocument checks = consul.GetJson(HttpPath("/v1/health/node", {name}));
    bool has_agent = false;
    checks.root().ForEach(
        [&](JsonView check) { has_agent |= check["CheckID"].StringOr("") == "serfHealth"; });
    if (!has_agent) {
      consul.Must("PUT", "/v1/catalog/deregister",
                  JsonWriter().BeginObject().Field("Node", name).EndObject().text());
    }
  });
}

}  // namespace dispatcher::testing
