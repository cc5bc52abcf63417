#include "tests/e2e/chaos/edits.h"

#include <functional>

namespace dispatcher::testing {
namespace {

constexpr std::string_view kOwner = "dispatcher";

// Each registration of ours, and its service's name.
void ForEachInConsul(Http& consul, const std::function<void(const std::string&, const Registration&)>& take) {
  const JsonDocument services = consul.GetJson("/v1/catalog/services");
  services.root().ForEachMember([&](std::string_view name, JsonView) {
    for (const Registration& registration : RegistrationsOf(consul, name)) {
      const auto owner = registration.meta.find("dispatcher-owner");
      if (owner != registration.meta.end() && owner->second == kOwner) {
        take(std::string(name), registration);
      }
    }
  });
}

bool Ours(std::string_view id) { return id.starts_with(std::string(kOwner) + "."); }

// The ids in a list of objects, `field` of each, that begin as ours do.
std::vector<std::string> OursIn(Http& registry, const std::string& path, std::string_view list,
                                std::string_view field) {
  std::vector<std::string> ids;
  const JsonDocument document = registry.GetJson(path);
  document.root()[list].ForEach([&](JsonView object) {
    if (const std::string id = object[field].StringOr(""); Ours(id)) {
      ids.push_back(id);
    }
  });
  return ids;
}

// The ids of all in a list, none where there is no list any more.
std::vector<std::string> AllIn(Http& registry, const std::string& path, std::string_view list,
                               std::string_view field) {
  std::vector<std::string> ids;
  const HttpResponse answer = registry.Call("GET", path);
  if (answer.status == 200) {
    const JsonDocument document = ParseJson(answer.body);
    document.root()[list].ForEach([&](JsonView object) { ids.push_back(object[field].StringOr("")); });
  }
  return ids;
}

}  // namespace

void EditConsul(Http& consul) {
  ForEachInConsul(consul, [&](const std::string& name, const Registration& registration) {
    JsonWriter json;
    json.BeginObject().Field("Node", registration.node).Field("SkipNodeUpdate", true);
    json.Key("Service").BeginObject().Field("ID", registration.id).Field("Service", name);
    json.Field("Address", registration.address).Field("Port", 666);
    json.Key("Tags").BeginArray().String("edited").EndArray().Key("Meta").BeginObject();
    for (const auto& [key, value] : registration.meta) {
      json.Field(key, value);
    }
    json.EndObject().EndObject().EndObject();
    consul.Call("PUT", "/v1/catalog/register", json.Take());
  });
}

void DeleteInConsul(Http& consul) {
  std::string node;
  ForEachInConsul(consul, [&](const std::string&, const Registration& registration) {
    node = registration.node;
    consul.Call("PUT", "/v1/catalog/deregister",
                R"({"Node":")" + node + R"(","ServiceID":")" + registration.id + "\"}");
  });
  if (!node.empty()) {
    consul.Call("PUT", "/v1/catalog/deregister", R"({"Node":")" + node + "\"}");
  }
}

void EditVulcand(Http& vulcand) {
  for (const std::string& backend : OursIn(vulcand, "/v2/backends", "Backends", "Id")) {
    const std::string path = HttpPath("/v2/backends", {backend}) + "/servers";
    for (const std::string& server : AllIn(vulcand, path, "Servers", "Id")) {
      vulcand.Call("POST", path, R"({"Server":{"Id":")" + server + R"(","URL":"http://192.0.2.66:666"}})");
    }
  }
}

void DeleteInVulcand(Http& vulcand) {
  for (const std::string& listener : OursIn(vulcand, "/v2/listeners", "Listeners", "Id")) {
    vulcand.Call("DELETE", HttpPath("/v2/listeners", {listener}));
  }
  for (const std::string& frontend : OursIn(vulcand, "/v2/frontends", "Frontends", "Id")) {
    vulcand.Call("DELETE", HttpPath("/v2/frontends", {frontend}));
  }
  for (const std::string& backend : OursIn(vulcand, "/v2/backends", "Backends", "Id")) {
    const std::string path = HttpPath("/v2/backends", {backend}) + "/servers";
    for (const std::string& server : AllIn(vulcand, path, "Servers", "Id")) {
      vulcand.Call("DELETE", HttpPath(path, {server}));
    }
  }
}

void EditKong(Http& kong) {
  for (const std::string& service : OursIn(kong, "/services?size=1000", "data", "name")) {
    kong.Call("PATCH", HttpPath("/services", {service}), R"({"host":"192.0.2.66","port":666})");
  }
  for (const std::string& upstream : OursIn(kong, "/upstreams?size=1000", "data", "name")) {
    const std::string path = HttpPath("/upstreams", {upstream}) + "/targets";
    for (const std::string& target : AllIn(kong, path + "?size=1000", "data", "target")) {
      kong.Call("PATCH", HttpPath(path, {target}), R"({"weight":1})");
    }
  }
}

void DeleteInKong(Http& kong) {
  for (const std::string& upstream : OursIn(kong, "/upstreams?size=1000", "data", "name")) {
    const std::string path = HttpPath("/upstreams", {upstream}) + "/targets";
    for (const std::string& target : AllIn(kong, path + "?size=1000", "data", "target")) {
      kong.Call("DELETE", HttpPath(path, {target}));
    }
  }
  for (const std::string& service : OursIn(kong, "/services?size=1000", "data", "name")) {
    for (const std::string& route :
         AllIn(kong, HttpPath("/services", {service}) + "/routes?size=1000", "data", "id")) {
      kong.Call("DELETE", HttpPath("/routes", {route}));
    }
  }
}

}  // namespace dispatcher::testing
