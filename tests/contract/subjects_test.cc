// What subjects.h declares; named like a test because only those are built here.
#include "tests/contract/subjects.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "adapters/memory/memory_adapter.h"
#include "dispatcher/base/strings.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

class MemorySubject : public Subject {
 public:
  explicit MemorySubject(bool lanes) : lanes_(lanes), registry_(std::make_shared<MemoryRegistry>()) {
    lose_data = [this] { registry_->LoseData(); };
    fail_next_write = [this] { registry_->FailWrites(1, absl::UnavailableError("down")); };
    lose_next_answer = [this] { registry_->LoseAnswers(1); };
    break_next_read = {[this] { registry_->FailReads(1, absl::UnavailableError("cut")); }};
    deny = [this](bool on) {
      registry_->DenyReads(on);
      registry_->FailWrites(on ? -1 : 0, absl::PermissionDeniedError("no"));
    };
    hold = [this](bool on) { registry_->Hold(on); };
    if (lanes) {
      kill_host = [this](const std::string& host, bool dead) { registry_->KillLane(host, dead); };
    }
  }
  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    MemoryOptions options;
    options.owner = owner;
    options.lanes = lanes_;
    return std::make_unique<MemoryAdapter>(options, registry_);
  }
  void PutForeign(const std::string&) override {
    Entry entry;
    entry.id = {"", "instance", "stranger"};
    registry_->Put("stranger", entry);
  }
  bool HasForeign(const std::string&) override { return registry_->Entries("stranger").size() == 1; }

 private:
  const bool lanes_;
  const std::shared_ptr<MemoryRegistry> registry_;
};

class FakeSubject : public Subject {
 public:
  explicit FakeSubject(std::string mode) : mode_(std::move(mode)) {
    lose_data = [this] { fake_.LoseData(); };
    fail_next_write = [this] { fake_.FailWrites(1, 500, "No cluster leader"); };
    lose_next_answer = [this] { fake_.LoseAnswers(1); };
    break_next_read = {[this] { fake_.FailReads(1, 500, "No cluster leader"); },
                       [this] { fake_.FailReads(1, 429, ""); }, [this] { fake_.FailReads(1, 200, "{}"); },
                       [this] { fake_.CutReads(1); }};
    deny = [this](bool on) { fake_.SetDenied(on ? std::set<std::string>{""} : std::set<std::string>{}); };
    hold = [this](bool on) { fake_.Hold(on); };
    if (mode_ == "agent") {
      kill_host = [this](const std::string& host, bool dead) { fake_.KillAgent(host, dead); };
    }
  }
  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    ConsulOptions options;
    options.owner = owner;
    options.url = fake_.url();
    options.agent_url = fake_.agent_url();
    options.mode = mode_;
    return *MakeConsulAdapter(options);
  }
  void PutForeign(const std::string& owner) override {
    fake_.PutService(Node(owner), "stranger", "web");
    fake_.PutService(Node(owner), owner + ":stranger", "web", R"({"dispatcher-owner":"other"})");
  }
  bool HasForeign(const std::string& owner) override {
    return fake_.HasService(Node(owner), "stranger") && fake_.HasService(Node(owner), owner + ":stranger");
  }

 private:
  std::string Node(const std::string& owner) const {
    return mode_ == "agent" ? "node-10.0.0.1" : owner + "-10-0-0-1";
  }
  const std::string mode_;
  FakeConsul fake_;
};

class RealSubject : public Subject {
 public:
  RealSubject(RealConsul& real, std::string mode) : real_(real), mode_(std::move(mode)) {}

  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    return *MakeConsulAdapter(RealOptions(real_, owner, mode_));
  }
  std::vector<std::string> hosts() const override { return {"127.0.0.1", "127.0.0.2"}; }
  void PutForeign(const std::string& owner) override {
    for (const std::string& id : {"stranger-" + owner, owner + ":stranger"}) {
      const std::string body = "{\"ID\":\"" + id + "\",\"Port\":1,\"Address\":\"10.1.1.1\",";
      const auto put = mode_ == "agent"
                           ? real_.server->Put("/v1/agent/service/register", body + "\"Name\":\"web\"}")
                           : real_.server->Put("/v1/catalog/register",
                                               "{\"Node\":\"" + Node(owner) +
                                                   "\",\"SkipNodeUpdate\":true,\"Service\":" + body +
                                                   "\"Service\":\"web\"}}");
      REQUIRE(put.status() == absl::OkStatus());
    }
    REQUIRE(WaitFor([&] { return HasForeign(owner); }));
  }
  bool HasForeign(const std::string& owner) override {
    const auto node = real_.server->Get("/v1/catalog/node/" + Node(owner));
    return node.ok() && node->root()["Services"]["stranger-" + owner].exists() &&
           node->root()["Services"][owner + ":stranger"].exists();
  }

 private:
  std::string Node(const std::string& owner) const {
    return mode_ == "agent" ? real_.server->options().node : owner + "-127-0-0-1";
  }
  RealConsul& real_;
  const std::string mode_;
};

absl::StatusOr<RealConsul> StartRealConsul() {
  RealConsul real;
  ConsulServerOptions options;
  options.http_port = FreePort({"127.0.0.1", "127.0.0.2"});
  ASSIGN_OR_RETURN(real.server, ConsulServer::Start(options));
  options.join = real.server->serf_address();
  options.bind = "127.0.0.2";
  options.node = "consul-agent";
  ASSIGN_OR_RETURN(real.agent, ConsulServer::Start(options));
  ConsulServerOptions guarded;
  guarded.acl = true;
  guarded.node = "consul-guarded";
  ASSIGN_OR_RETURN(real.guarded, ConsulServer::Start(guarded));
  return real;
}

SubjectMaker ConsulItself(const std::string& mode) {
  return {"Consul " + mode, [mode](std::string& why) -> std::unique_ptr<Subject> {
            RealConsul* real = SharedConsul(why);
            return real == nullptr ? nullptr : std::make_unique<RealSubject>(*real, mode);
          }};
}

SubjectMaker Fake(const std::string& mode) {
  return {"fake Consul " + mode, [mode](std::string&) { return std::make_unique<FakeSubject>(mode); }};
}

SubjectMaker Memory(bool lanes) {
  return {lanes ? "memory with lanes" : "memory",
          [lanes](std::string&) { return std::make_unique<MemorySubject>(lanes); }};
}

}  // namespace

RealConsul* SharedConsul(std::string& why) {
  static absl::StatusOr<RealConsul> real = StartRealConsul();
  why = real.ok() ? "" : std::string(Message(real.status()));
  return real.ok() ? &*real : nullptr;
}

ConsulOptions RealOptions(const RealConsul& real, const std::string& owner, const std::string& mode) {
  ConsulOptions options;
  options.owner = owner;
  options.mode = mode;
  options.url = real.server->url();
  options.agent_url = "http://{host}:" + std::to_string(real.server->options().http_port);
  return options;
}

const std::vector<SubjectMaker>& Subjects() {
  static const std::vector<SubjectMaker> all = [] {
    std::vector<SubjectMaker> makers = {Memory(false),           Memory(true),
                                        Fake("catalog"),         Fake("agent"),
                                        ConsulItself("catalog"), ConsulItself("agent")};
    for (auto& more : {VulcandSubjects(), EtcdSubjects(), KongSubjects()}) {
      makers.insert(makers.end(), more.begin(), more.end());
    }
    return makers;
  }();
  return all;
}

std::string FreshOwner() {
  static std::atomic<int> last = 0;
  return "t" + std::to_string(++last);
}

Service MakeService(const std::string& app, const std::vector<TaskSpec>& tasks, Profile profile) {
  if (profile.names.empty()) {
    profile.names = {app.substr(1)};
  }
  // For routers and gateways too.
  profile.http = true;
  profile.labelled = true;
  if (profile.hosts.empty()) {
    profile.hosts = {profile.names.front() + ".service.consul"};
  }
  if (profile.service_port == 0) {
    profile.service_port = 20000 + static_cast<int>(Fnv1a(app) % 10000);
  }
  Service service;
  service.key = {app, 0};
  service.profile = std::make_shared<const Profile>(std::move(profile));
  for (const TaskSpec& task : tasks) {
    auto instance = std::make_shared<Instance>();
    instance->task = task.task;
    instance->host = task.host;
    instance->address = task.host;
    instance->port = task.port;
    instance->ports = {task.port};
    instance->version = "2015-09-30T12:44:30.061Z";
    instance->condition = task.condition;
    instance->profile = service.profile;
    service.instances.push_back(std::move(instance));
  }
  return service;
}

Entries Rendered(const Adapter& adapter, const Service& service) {
  Entries entries;
  const auto rendered = adapter.Render(service);
  for (const Entry& entry : rendered.structure) {
    entries[entry.id] = entry;
  }
  for (const auto& instance : service.instances) {
    for (Entry& entry : adapter.Render(service, *instance)) {
      const EntryId id = entry.id;
      entries[id] = std::move(entry);
    }
  }
  return entries;
}

std::vector<Change> Puts(const Entries& entries) {
  std::vector<Change> changes;
  for (const auto& [id, entry] : entries) {
    Change change;
    change.id = id;
    change.entry = std::make_shared<const Entry>(entry);
    changes.push_back(std::move(change));
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.entry->rank < b.entry->rank; });
  return changes;
}

std::vector<Change> Deletes(const Entries& entries) {
  std::vector<Change> changes;
  for (const auto& [id, entry] : entries) {
    Change change;
    change.op = Op::kDelete;
    change.id = id;
    changes.push_back(std::move(change));
  }
  std::stable_sort(changes.begin(), changes.end(), [&](const Change& a, const Change& b) {
    return entries.at(a.id).rank > entries.at(b.id).rank;
  });
  return changes;
}

std::vector<absl::Status> WriteAll(Adapter& adapter, const std::vector<Change>& changes, Duration permit) {
  std::map<std::string, std::vector<size_t>> by_lane;
  for (size_t i = 0; i < changes.size(); ++i) {
    by_lane[changes[i].id.lane].push_back(i);
  }
  const size_t batch = adapter.GetTraits().batch;
  const Mono deadline = MonoClock::now() + permit;
  std::vector<absl::Status> results(changes.size());
  for (const auto& [lane, indices] : by_lane) {
    for (size_t begin = 0; begin < indices.size(); begin += batch) {
      std::vector<Change> part;
      for (size_t i = begin; i < std::min(indices.size(), begin + batch); ++i) {
        part.push_back(changes[indices[i]]);
      }
      const std::vector<absl::Status> some = adapter.Write(lane, part, deadline, Cancel());
      REQUIRE(some.size() == part.size());
      for (size_t i = 0; i < some.size(); ++i) {
        results[indices[begin + i]] = some[i];
      }
    }
  }
  return results;
}

absl::StatusOr<Entries> ReadAll(Adapter& adapter) {
  Entries entries;
  ASSIGN_OR_RETURN(const std::vector<std::string> lanes, adapter.Lanes(Cancel()));
  for (const std::string& lane : lanes) {
    RETURN_IF_ERROR(adapter.Read(lane, Cancel(), [&](Entry entry) {
      const EntryId id = entry.id;
      entries[id] = std::move(entry);
    }));
  }
  return entries;
}

std::string Difference(Adapter& adapter, const Entries& wanted) {
  std::string difference;
  WaitFor(
      [&] {
        difference.clear();
        const absl::StatusOr<Entries> found = ReadAll(adapter);
        if (!found.ok()) {
          difference = Text(found.status());
          return false;
        }
        for (const auto& [id, entry] : wanted) {
          auto there = found->find(id);
          if (there == found->end()) {
            difference += "missing " + id.id + "\n";
          } else if (there->second.Fingerprint() != entry.Fingerprint() ||
                     there->second.address != entry.address || there->second.framework != entry.framework) {
            difference += "different " + id.id + "\n";
          }
        }
        for (const auto& [id, entry] : *found) {
          difference += wanted.contains(id) ? "" : "too many " + id.id + "\n";
        }
        return difference.empty();
      },
      std::chrono::seconds(3));
  return difference;
}

bool AllOk(const std::vector<absl::Status>& results) {
  return std::all_of(results.begin(), results.end(), [](const absl::Status& status) { return status.ok(); });
}

std::string ErrorOf(const std::vector<absl::Status>& results) {
  std::string text;
  for (const absl::Status& status : results) {
    text += status.ok() ? "" : Text(status) + "\n";
  }
  return text;
}

}  // namespace dispatcher::testing
