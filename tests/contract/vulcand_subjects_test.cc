// The Vulcands that the contract is tried on.
#include <utility>

#include "adapters/vulcand/vulcand.h"
#include "tests/contract/subjects.h"
#include "tests/contract/vulcand_real.h"
#include "tests/support/catch.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

// Objects of others as near to ours as can be: an id without its end, another owner of
// which ours is the beginning, and one that a person chose.
std::vector<std::string> ForeignIds(const std::string& owner) {
  return {owner + "._web.0", owner + "x._web.0.~", "web-" + owner};
}

VulcandOptions Options(const std::string& owner, const std::string& url) {
  VulcandOptions options;
  options.owner = owner;
  options.url = url;
  options.listeners = true;
  options.listener_address = "127.0.0.1";
  return options;
}

// What the two have in common: strangers, put and looked for through the API.
class VulcandSubject : public Subject {
 public:
  void PutForeign(const std::string& owner) override {
    for (const std::string& id : ForeignIds(owner)) {
      const std::string quoted = "\"" + id + "\"";
      CHECK(Ask("POST", "/v2/backends", "{\"Backend\":{\"Type\":\"http\",\"Id\":" + quoted + "}}"));
      CHECK(Ask("POST", "/v2/backends/" + id + "/servers",
                "{\"Server\":{\"Id\":\"web.1.0.~\",\"URL\":\"http://10.1.1.1:1\"}}"));
      CHECK(Ask("POST", "/v2/frontends",
                "{\"Frontend\":{\"Type\":\"http\",\"Id\":" + quoted + ",\"BackendId\":" + quoted +
                    ",\"Route\":\"Host(`" + id + ".test`)\"}}"));
    }
  }
  bool HasForeign(const std::string& owner) override {
    for (const std::string& id : ForeignIds(owner)) {
      if (!Ask("GET", "/v2/backends/" + id + "/servers/web.1.0.~", "") ||
          !Ask("GET", "/v2/frontends/" + id, "")) {
        return false;
      }
    }
    return true;
  }

 private:
  // True if the answer was 200.
  virtual bool Ask(const std::string& method, const std::string& path, const std::string& body) = 0;
};

class ModelSubject : public VulcandSubject {
 public:
  ModelSubject(VulcandVersion version, int etcd_version) {
    VulcandModelOptions options;
    options.version = version;
    options.etcd_version = etcd_version;
    model_ = *VulcandModel::Start(options);
    const auto once = [this](auto set) {
      return [this, set] {
        VulcandFaults faults;
        set(faults);
        model_->SetFaults(faults);
      };
    };
    lose_data = [this] { model_->LoseData(); };
    fail_next_write = once([](VulcandFaults& faults) { faults.fail_writes = 1; });
    lose_next_answer = once([](VulcandFaults& faults) { faults.lose_answers = 1; });
    break_next_read = {once([](VulcandFaults& faults) { faults.fail_reads = 1; }),
                       once([](VulcandFaults& faults) { faults.odd_reads = 1; }),
                       once([](VulcandFaults& faults) { faults.cut_reads = 1; })};
    hold = [this](bool on) {
      VulcandFaults faults;
      faults.hold_writes = on;
      model_->SetFaults(faults);
    };
  }
  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    return *MakeVulcandAdapter(Options(owner, model_->url()));
  }

 private:
  bool Ask(const std::string& method, const std::string& path, const std::string& body) override {
    return model_->Call(method, path, body).status == 200;
  }

  std::unique_ptr<VulcandModel> model_;
};

class RealVulcandSubject : public VulcandSubject {
 public:
  RealVulcandSubject(VulcandServer& server, std::string engine)
      : server_(server), engine_(std::move(engine)) {
    REQUIRE(server_.Wipe() == absl::OkStatus());
    lose_data = [this] { REQUIRE(server_.Wipe() == absl::OkStatus()); };
  }
  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    VulcandOptions options = Options(owner, server_.url());
    options.etcd_url = server_.etcd_url();
    options.engine = engine_;
    return *MakeVulcandAdapter(options);
  }

 private:
  bool Ask(const std::string& method, const std::string& path, const std::string& body) override {
    return server_.Call(method, path, body).ok();
  }

  VulcandServer& server_;
  const std::string engine_;
};

SubjectMaker ModelOfVulcand(const std::string& name, VulcandVersion version, int etcd_version) {
  return {"model of Vulcand " + name, [=](std::string&) -> std::unique_ptr<Subject> {
            return std::make_unique<ModelSubject>(version, etcd_version);
          }};
}

SubjectMaker VulcandItself(int etcd_version, const std::string& engine) {
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

std::vector<SubjectMaker> VulcandSubjects() {
  return {ModelOfVulcand("0.8.0-beta.3", VulcandVersion::kBeta3, 2),
          ModelOfVulcand("0.9.2, etcd v3", VulcandVersion::k092, 3), VulcandItself(2, "api"),
          VulcandItself(3, "api"), VulcandItself(3, "etcd")};
}

}  // namespace dispatcher::testing
