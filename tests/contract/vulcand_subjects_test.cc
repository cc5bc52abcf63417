// The Vulcands that the contract is tried on.
#include <utility>

#include "adapters/vulcand/vulcand.h"
#include "dispatcher/base/json.h"
#include "tests/contract/subjects.h"
#include "tests/contract/vulcand_real.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

// Objects of others as near to ours as can be: an id without its end, another owner of
// which ours is the beginning, and one that a person chose.
std::vector<std::string> ForeignIds(const std::string& owner) {
  return {owner + "._web.0", owner + "x._web.0.~", "web-" + owner};
}

class RealVulcandSubject : public Subject {
 public:
  RealVulcandSubject(VulcandServer& server, std::string engine)
      : server_(server), engine_(std::move(engine)) {
    REQUIRE(server_.Wipe() == absl::OkStatus());
    lose_data = [this] { REQUIRE(server_.Wipe() == absl::OkStatus()); };
  }

  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    VulcandOptions options;
    options.owner = owner;
    options.url = server_.url();
    options.etcd_url = server_.etcd_url();
    options.engine = engine_;
    options.listeners = true;
    options.listener_address = "127.0.0.1";
    return *MakeVulcandAdapter(options);
  }
  void PutForeign(const std::string& owner) override {
    for (const std::string& id : ForeignIds(owner)) {
      const std::string quoted = "\"" + id + "\"";
      Post("/v2/backends", "{\"Backend\":{\"Type\":\"http\",\"Id\":" + quoted + "}}");
      Post("/v2/backends/" + id + "/servers",
           "{\"Server\":{\"Id\":\"web.1.0.~\",\"URL\":\"http://10.1.1.1:1\"}}");
      Post("/v2/frontends", "{\"Frontend\":{\"Type\":\"http\",\"Id\":" + quoted + ",\"BackendId\":" + quoted +
                                ",\"Route\":\"Host(`" + id + ".test`)\"}}");
    }
  }
  bool HasForeign(const std::string& owner) override {
    for (const std::string& id : ForeignIds(owner)) {
      if (!server_.Call("GET", "/v2/backends/" + id + "/servers/web.1.0.~").ok() ||
          !server_.Call("GET", "/v2/frontends/" + id).ok()) {
        return false;
      }
    }
    return true;
  }

 private:
  void Post(const std::string& path, const std::string& body) {
    REQUIRE(server_.Call("POST", path, body).status() == absl::OkStatus());
  }

  VulcandServer& server_;
  const std::string engine_;
};

SubjectMaker Real(int etcd_version, const std::string& engine) {
  return {"Vulcand with etcd v" + std::to_string(etcd_version) + ", engine " + engine,
          [=](std::string& why) -> std::unique_ptr<Subject> {
            VulcandServer* server = SharedVulcand(etcd_version, why);
            return server == nullptr ? nullptr : std::make_unique<RealVulcandSubject>(*server, engine);
          }};
}

}  // namespace

VulcandServer* SharedVulcand(int etcd_version, std::string& why) {
  static absl::StatusOr<std::unique_ptr<VulcandServer>> servers[] = {VulcandServer::Start(2),
                                                                     VulcandServer::Start(3)};
  const auto& server = servers[etcd_version - 2];
  why = server.ok() ? "" : std::string(Message(server.status()));
  return server.ok() ? server->get() : nullptr;
}

std::vector<SubjectMaker> VulcandSubjects() { return {Real(2, "api"), Real(3, "api"), Real(3, "etcd")}; }

}  // namespace dispatcher::testing
