// A model of Kong with the few calls that tests make on it directly, and what the
// tests that use it share.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/kong/kong.h"
#include "dispatcher/net/client.h"
#include "tests/contract/subjects.h"
#include "tests/kong_model/model.h"
#include "tests/support/counting_proxy.h"

namespace dispatcher::testing {

class KongRig {
 public:
  explicit KongRig(const std::string& version, bool dbless = false) : dbless_(dbless) {
    kong_model::Options options;
    options.version = version;
    options.dbless = dbless;
    kong_ = *kong_model::KongModel::Start(options);
    HttpClientOptions http;
    http.base = *Url::Parse(kong_->admin_url());
    http_ = std::make_unique<HttpClient>(std::move(http));
    old_ = version.starts_with("0.10") || version.starts_with("0.8");
    one_host_ = version.starts_with("0.8");
  }

  kong_model::KongModel& kong() { return *kong_; }
  bool dbless() const { return dbless_; }

  KongOptions Options(const std::string& owner = "dispatcher") const {
    KongOptions options;
    options.owner = owner;
    options.url = kong_->admin_url();
    options.expose = "all";
    options.dbless = dbless_ ? "whole-file" : "";
    return options;
  }

  // Any call on the Admin API; its answer.
  HttpResponse Call(const std::string& method, const std::string& path, const std::string& body = "") {
    return CallAs(method, path, body, "application/json");
  }
  HttpResponse CallAs(const std::string& method, const std::string& path, const std::string& body,
                      const std::string& type) {
    HttpRequest request;
    request.method = method;
    request.target = path;
    request.body = body;
    request.content_type = type;
    return http_->Call(request, Cancel()).value_or(HttpResponse{});
  }

  // As a person would: a service with a route, or an API.
  void PutService(const std::string& name, const std::string& host) {
    if (old_) {
      const std::string hosts =
          one_host_ ? "\"request_host\":\"" + host + "\"" : "\"hosts\":[\"" + host + "\"]";
      Call("POST", "/apis",
           "{\"name\":\"" + name + "\"," + hosts + ",\"upstream_url\":\"http://10.1.1.1:1\"}");
      return;
    }
    const HttpResponse made = Call("POST", "/services", "{\"name\":\"" + name + "\",\"host\":\"10.1.1.1\"}");
    const std::string id = JsonDocument::Parse(made.body)->root()["id"].StringOr("");
    Call("POST", "/routes", "{\"hosts\":[\"" + host + "\"],\"service\":{\"id\":\"" + id + "\"}}");
  }
  bool HasService(const std::string& name) {
    if (Call("GET", (old_ ? "/apis/" : "/services/") + name).status != 200) {
      return false;
    }
    const auto routes =
        JsonDocument::Parse(old_ ? "{\"data\":[1]}" : Call("GET", "/services/" + name + "/routes").body);
    return routes.ok() && routes->root()["data"].size() == 1;
  }

 private:
  const bool dbless_;
  bool old_ = false, one_host_ = false;
  std::unique_ptr<kong_model::KongModel> kong_;
  std::unique_ptr<HttpClient> http_;
};

inline const std::vector<std::string> kWithDatabase = {"0.10.4", "0.14.1", "2.8.5", "3.9.3"};

// Of every kind: with a database of each age, and without.
inline const std::vector<std::string> kAll = {"0.10.4", "0.14.1", "2.8.5", "3.9.3", "3.9.3 DB-less"};
inline KongRig RigOf(const std::string& version) {
  return KongRig(version.substr(0, version.find(' ')), version.find(' ') != std::string::npos);
}

// An adapter that reaches the rig's Kong through the proxy.
inline std::unique_ptr<Adapter> MakeThrough(const KongRig& rig, const CountingProxy& proxy,
                                            const std::string& mode = "targets") {
  KongOptions options = rig.Options();
  options.url = proxy.url();
  options.mode = mode;
  options.router_url = "http://vulcand";
  return *MakeKongAdapter(options);
}

// A service at two hosts.
inline Service Web(const std::vector<TaskSpec>& tasks = {{"web.1", "10.0.0.1"}, {"web.2", "10.0.0.2"}}) {
  return MakeService("/web", tasks);
}

// All writes of KongModel::Writes.
inline int Total(const std::map<std::string, int>& writes) {
  int total = 0;
  for (const auto& [what, count] : writes) {
    total += count;
  }
  return total;
}

// The only target, service or route there.
inline std::string IdOf(KongRig& rig, const std::string& collection) {
  const auto list = JsonDocument::Parse(rig.Call("GET", collection).body);
  return !list.ok() || list->root()["data"].size() != 1 ? "not one in " + collection
                                                        : list->root()["data"].At(0)["id"].StringOr("");
}

}  // namespace dispatcher::testing
