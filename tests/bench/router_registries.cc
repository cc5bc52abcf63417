// Vulcand, real or its model, and the model of Kong.
#include <utility>

#include "adapters/kong/names.h"
#include "adapters/vulcand/ids.h"
#include "dispatcher/base/json.h"
#include "tests/bench/bare_writer.h"
#include "tests/bench/marathon.h"
#include "tests/bench/registry.h"
#include "tests/support/process.h"
#include "tests/support/vulcand_server.h"

namespace dispatcher::bench {
namespace {

std::string AddressOf(const Task& task) { return task.host + ":" + std::to_string(task.port); }
const char* Owner(bool bare) { return bare ? kBareOwner : kDispatcherOwner; }
std::string HostOf(const std::string& service) { return service + ".example.com"; }

// Asks for each app's list of addresses, and compares them.
absl::StatusOr<Contents> CompareLists(HttpClient& client, const Apps& apps, const std::string& key,
                                      const std::string& field,
                                      const std::function<std::string(int)>& target_of) {
  Contents contents;
  for (int app = 0; app < apps.size(); ++app) {
    ASSIGN_OR_RETURN(const HttpResponse answer, client.Call(Calling("GET", target_of(app)), Cancel()));
    ASSIGN_OR_RETURN(const JsonDocument list, JsonDocument::Parse(answer.body));
    const std::vector<Task> tasks = apps.Tasks(app);
    contents.wanted += tasks.size();
    list.root()[key].ForEach([&](JsonView one) {
      bool belongs = false;
      for (const Task& task : tasks) {
        belongs = belongs || one[field].StringOr("").ends_with(AddressOf(task));
      }
      ++(belongs ? contents.present : contents.surplus);
    });
  }
  return contents;
}

// A model as a process of its own; the URL of its API under `key`.
struct Model {
  std::unique_ptr<testing::Process> process;
  std::string url;
};
absl::StatusOr<Model> StartModel(const std::string& program, const std::string& key) {
  ASSIGN_OR_RETURN(auto process, testing::Process::Start({std::string(BINARY_DIR) + "/" + program}));
  RETURN_IF_ERROR(process->WaitForOutput("}\n"));
  ASSIGN_OR_RETURN(const JsonDocument said, JsonDocument::Parse(process->Output()));
  return Model{std::move(process), said.root()[key].StringOr("")};
}

class VulcandRegistry : public Registry {
 public:
  explicit VulcandRegistry(Model model)
      : model_(std::move(model)), url_(model_.url), client_(HttpOptions(url_)) {}
  explicit VulcandRegistry(std::unique_ptr<testing::VulcandServer> real)
      : real_(std::move(real)), url_(real_->url()), client_(HttpOptions(url_)) {}

  std::string name() const override { return real_ != nullptr ? "Vulcand 0.9.2" : "Vulcand (model)"; }
  std::string url() const override { return url_; }
  std::vector<std::string> Settings(const std::string& url) const override {
    return {"adapters.vulcand.url=" + url};
  }
  AppsShape Shape() const override { return {{}, true}; }

  std::vector<Chain> Everything(const Apps& apps) const override {
    std::vector<Chain> chains;
    for (int app = 0; app < apps.size(); ++app) {
      const std::string id = VulcandId(kBareOwner, {apps.Id(app), 0});
      Chain chain;
      JsonWriter backend;
      backend.BeginObject().Key("Backend").BeginObject().Field("Id", id).Field("Type", "http");
      chain.push_back(Calling("POST", "/v2/backends", backend.EndObject().EndObject().Take()));
      for (const Task& task : apps.Tasks(app)) {
        chain.push_back(PutServer(id, task));
      }
      JsonWriter frontend;
      frontend.BeginObject().Key("Frontend").BeginObject().Field("Id", id).Field("Type", "http");
      frontend.Field("BackendId", id).Field("Route", "Host(`" + HostOf(apps.Service(app)) + "`)");
      frontend.Key("Settings").BeginObject().Field("PassHostHeader", true).EndObject();
      chain.push_back(Calling("POST", "/v2/frontends", frontend.EndObject().EndObject().Take()));
      chains.push_back(std::move(chain));
    }
    return chains;
  }
  std::vector<Chain> Exchange(const std::vector<Replacement>& replacements) const override {
    std::vector<Chain> chains;
    for (const Replacement& one : replacements) {
      const std::string id = VulcandId(kBareOwner, {one.app, 0});
      const std::string dead = VulcandServerId(one.dead.id, 0);
      chains.push_back({PutServer(id, one.born),
                        Calling("DELETE", HttpPath("/v2/backends", {id}) + HttpPath("/servers", {dead}))});
    }
    return chains;
  }
  absl::StatusOr<Contents> Compare(const Apps& apps, bool bare) override {
    return CompareLists(client_, apps, "Servers", "URL", [&](int app) {
      return HttpPath("/v2/backends", {VulcandId(Owner(bare), {apps.Id(app), 0})}) + "/servers";
    });
  }

 private:
  static HttpRequest PutServer(const std::string& backend, const Task& task) {
    JsonWriter json;
    json.BeginObject().Key("Server").BeginObject().Field("Id", VulcandServerId(task.id, 0));
    json.Field("URL", "http://" + AddressOf(task)).EndObject().EndObject();
    return Calling("POST", HttpPath("/v2/backends", {backend}) + "/servers", json.Take());
  }

  const Model model_;
  const std::unique_ptr<testing::VulcandServer> real_;
  const std::string url_;
  HttpClient client_;
};

class KongRegistry : public Registry {
 public:
  explicit KongRegistry(Model model) : model_(std::move(model)), client_(HttpOptions(model_.url)) {}

  std::string name() const override { return "Kong 3.9.3 (model)"; }
  std::string url() const override { return model_.url; }
  std::vector<std::string> Settings(const std::string& url) const override {
    return {"adapters.kong.url=" + url};
  }
  AppsShape Shape() const override { return {{}, true}; }

  std::vector<Chain> Everything(const Apps& apps) const override {
    std::vector<Chain> chains;
    for (int app = 0; app < apps.size(); ++app) {
      const std::string name = NameOf(kBareOwner, apps.Id(app)), service = apps.Service(app);
      JsonWriter upstream, entry, route;
      Mark(upstream.BeginObject().Field("name", name), apps.Id(app), "");
      Chain chain = {Calling("POST", "/upstreams", upstream.EndObject().Take())};
      for (const Task& task : apps.Tasks(app)) {
        chain.push_back(PutTarget(apps.Id(app), task));
      }
      entry.BeginObject().Field("name", name).Field("protocol", "http").Field("host", name).Field("port", 80);
      Mark(entry, apps.Id(app), "");
      chain.push_back(Calling("POST", "/services", entry.EndObject().Take()));
      route.BeginObject().Field("name", name).Key("hosts").BeginArray().String(HostOf(service)).EndArray();
      Mark(route.Field("preserve_host", true).Field("strip_path", false), apps.Id(app), "");
      chain.push_back(Calling("POST", HttpPath("/services", {name}) + "/routes", route.EndObject().Take()));
      chains.push_back(std::move(chain));
    }
    return chains;
  }
  std::vector<Chain> Exchange(const std::vector<Replacement>& replacements) const override {
    std::vector<Chain> chains;
    for (const Replacement& one : replacements) {
      chains.push_back({PutTarget(one.app, one.born),
                        Calling("DELETE", Targets(kBareOwner, one.app) + "/" + AddressOf(one.dead))});
    }
    return chains;
  }
  absl::StatusOr<Contents> Compare(const Apps& apps, bool bare) override {
    return CompareLists(client_, apps, "data", "target",
                        [&](int app) { return Targets(Owner(bare), apps.Id(app)); });
  }

 private:
  static std::string NameOf(const std::string& owner, const std::string& app) {
    return KongName(owner, BodyOf({app, 0}));
  }
  static std::string Targets(const std::string& owner, const std::string& app) {
    return HttpPath("/upstreams", {NameOf(owner, app)}) + "/targets";
  }
  // The mark that each object carries.
  static void Mark(JsonWriter& json, const std::string& app, const std::string& task) {
    KongMark mark;
    mark.owner = kBareOwner;
    mark.key = {app, 0};
    mark.body = BodyOf(mark.key);
    mark.framework = kFrameworkId;
    mark.task = task;
    json.Key("tags").BeginArray();
    for (const std::string& tag : TagsOf(mark)) {
      json.String(tag);
    }
    json.EndArray();
  }
  static HttpRequest PutTarget(const std::string& app, const Task& task) {
    JsonWriter json;
    json.BeginObject().Field("target", AddressOf(task)).Field("weight", 1);
    Mark(json, app, task.id);
    return Calling("POST", Targets(kBareOwner, app), json.EndObject().Take());
  }

  const Model model_;
  HttpClient client_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> StartVulcandModel() {
  ASSIGN_OR_RETURN(Model model, StartModel("vulcand_model", "api"));
  return std::make_unique<VulcandRegistry>(std::move(model));
}

absl::StatusOr<std::unique_ptr<Registry>> StartRealVulcand() {
  ASSIGN_OR_RETURN(auto real, testing::VulcandServer::Start(3));
  return std::make_unique<VulcandRegistry>(std::move(real));
}

absl::StatusOr<std::unique_ptr<Registry>> StartKongModel() {
  ASSIGN_OR_RETURN(Model model, StartModel("kong_model", "admin"));
  return std::make_unique<KongRegistry>(std::move(model));
}

}  // namespace dispatcher::bench
