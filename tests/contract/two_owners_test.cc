// Two dispatchers with the same apps on one registry, for a thousand changes each.
#include <array>
#include <random>

#include "adapters/kong/kong.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/on_each.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

// Of each. What one does to the other stays until that one writes the very entry anew,
// so a look now and then is enough.
constexpr int kChanges = 1000, kChangesOfReal = 100, kLook = 50;
constexpr int kApps = 4, kTasks = 4;

// What one of them wants of one app. Hosts and ports are its own: of those a registry has
// only one each.
struct WantedApp {
  std::array<bool, kTasks> runs{};
  std::array<Condition, kTasks> conditions{};
  int variant = 0;
  bool exists = false;
};

class Owner {
 public:
  Owner(Subject& subject, std::string name, int number)
      : subject_(subject), name_(std::move(name)), number_(number) {
    Restart();
  }

  // Nothing is remembered but what is wanted.
  void Restart() {
    adapter_ = subject_.Make(name_);
    adapter_->SetFramework("framework-" + name_);
    wanted_ = Want();
    CHECK(ReadAll(*adapter_).ok());
  }

  // One step of what may happen to an app, and what follows from it. "" or what failed.
  std::string Change(std::mt19937& random, bool with_fault) {
    const auto pick = [&](int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); };
    WantedApp& app = apps_[static_cast<size_t>(pick(kApps))];
    const auto task = static_cast<size_t>(pick(kTasks));
    switch (pick(8)) {
      case 0:
        app = {};
        break;
      case 1:
        app.variant = pick(3);
        break;
      case 2:
        app.conditions[task] = static_cast<Condition>(pick(4));
        break;
      default:
        app.runs[task] = !app.runs[task];
        app.exists = true;
    }
    if (with_fault && subject_.fail_next_write) {
      (pick(2) == 0 ? subject_.fail_next_write : subject_.lose_next_answer)();
    }
    return Write();
  }

  // Takes everything of its own away.
  void Leave() {
    apps_ = {};
    CHECK(Write() == "");
  }

  // "" if there is what it wants and no more.
  std::string Differs() { return Difference(*adapter_, wanted_); }
  size_t size() const { return wanted_.size(); }

 private:
  std::string Write() {
    Entries next = Want(), puts, deletes;
    for (const auto& [id, entry] : next) {
      const auto before = wanted_.find(id);
      if (before == wanted_.end() || before->second.Fingerprint() != entry.Fingerprint() ||
          before->second.address != entry.address) {
        puts[id] = entry;
      }
    }
    for (const auto& [id, entry] : wanted_) {
      if (!next.contains(id)) {
        deletes[id] = entry;
      }
    }
    wanted_ = std::move(next);
    std::string failed = "once";
    for (int attempt = 0; attempt < 4 && !failed.empty(); ++attempt) {
      failed = ErrorOf(WriteAll(*adapter_, Puts(puts))) + ErrorOf(WriteAll(*adapter_, Deletes(deletes)));
    }
    return failed;
  }

  Entries Want() const {
    Entries all;
    for (int i = 0; i < kApps; ++i) {
      const WantedApp& app = apps_[static_cast<size_t>(i)];
      if (!app.exists) {
        continue;
      }
      const std::string name = "app" + std::to_string(i), variant = std::to_string(app.variant);
      Profile profile;
      profile.names = {name};
      profile.hosts = {name + "-" + variant + "." + name_ + ".test"};
      profile.service_port = 24000 + 200 * number_ + 10 * i + app.variant;
      std::vector<TaskSpec> tasks;
      for (size_t t = 0; t < kTasks; ++t) {
        if (app.runs[t]) {
          tasks.push_back({name + "." + std::to_string(t), subject_.hosts()[t % 2],
                           static_cast<uint16_t>(31000 + 10 * i + static_cast<int>(t)), app.conditions[t]});
        }
      }
      all.merge(Rendered(*adapter_, MakeService("/" + name, tasks, profile)));
    }
    return all;
  }

  Subject& subject_;
  const std::string name_;
  const int number_;
  std::unique_ptr<Adapter> adapter_;
  std::array<WantedApp, kApps> apps_{};
  Entries wanted_;
};

// How many changes each makes there; 0: it is not tried.
int ChangesAt(const std::string& name) {
  for (const char* real : {"Consul catalog", "Vulcand with etcd v2, engine api", "Vulcand with etcd v3"}) {
    if (name.starts_with(real)) {
      return kChangesOfReal;
    }
  }
  for (const char* model :
       {"fake Consul catalog", "model of Vulcand", "model of Kong 3.9.3, ", "model of Kong 0.14.1"}) {
    if (name.starts_with(model)) {
      return kChanges;
    }
  }
  return 0;
}

TEST_CASE("two owners on one registry leave each other alone for a thousand changes each", "[apart]") {
  const auto chosen = [](const std::string& name) { return ChangesAt(name) > 0; };
  OnEachOf(chosen, [](Subject& subject, const std::string& name) {
    const int changes = ChangesAt(name);
    // One name is the beginning of the other.
    const std::string first = FreshOwner();
    std::array<Owner, 2> owners = {Owner(subject, first, 0), Owner(subject, first + "x", 1)};
    std::mt19937 random(20260726);
    size_t most = 0;
    for (int i = 0; i < 2 * changes; ++i) {
      Owner& acting = owners[static_cast<size_t>(i % 2)];
      Owner& other = owners[static_cast<size_t>((i + 1) % 2)];
      INFO("change " << i << " of " << changes << " each");
      if (i % (changes / 4) == changes / 4 - 1) {
        acting.Restart();
      }
      REQUIRE(acting.Change(random, i % 50 == 7) == "");
      if (i % kLook < 2) {
        REQUIRE(other.Differs() == "");
      }
      most = std::max(most, acting.size() + other.size());
    }
    CHECK(owners[0].Differs() == "");
    CHECK(owners[1].Differs() == "");
    CHECK(most > 15);
    owners[0].Leave();
    CHECK(owners[1].Differs() == "");
    owners[1].Leave();
  });
}

TEST_CASE("Kong: a service with our name and another owner's tag is neither changed nor deleted") {
  for (const std::string version : {"2.8.5", "3.9.3"}) {
    DYNAMIC_SECTION(version) {
      KongRig rig(version);
      const auto adapter = *MakeKongAdapter(rig.Options());
      const std::string marks = R"("tags":["dispatcher-owner:other","dispatcher-service:_web.0"])";
      REQUIRE(rig.Call("POST", "/services", R"({"name":"dispatcher.web","host":"10.1.1.1",)" + marks + "}")
                  .status == 201);
      REQUIRE(rig.Call("POST", "/upstreams", R"({"name":"dispatcher._web.0",)" + marks + "}").status == 201);
      const std::string service = rig.Call("GET", "/services/dispatcher.web").body;
      const std::string upstream = rig.Call("GET", "/upstreams/dispatcher._web.0").body;
      CHECK(Difference(*adapter, {}) == "");
      const Entries wanted = Rendered(*adapter, Web());
      for (const absl::Status& status : WriteAll(*adapter, Puts(wanted))) {
        CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
      }
      WriteAll(*adapter, Deletes(wanted));
      CHECK(rig.Call("GET", "/services/dispatcher.web").body == service);
      CHECK(rig.Call("GET", "/upstreams/dispatcher._web.0").body == upstream);
      CHECK(rig.Call("GET", "/services/dispatcher.web/routes").body.find("\"data\":[]") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace dispatcher::testing
