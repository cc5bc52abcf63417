// One service in three tiers: in which order its structure comes and goes.
#include <array>
#include <map>
#include <optional>
#include <random>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

// Discovery, router and gateway, moved like the engine moves them. What each writes
// goes into one list: "router: put backend web".
class Chain {
 public:
  Chain() {
    const std::array<Tier, 3> tiers = {Tier::kDiscovery, Tier::kRouter, Tier::kGateway};
    const std::array<const char*, 3> names = {"discovery", "router", "gateway"};
    for (size_t i = 0; i < 3; ++i) {
      rigs_[i].adapter.traits.tier = tiers[i];
      rigs_[i].adapter.with_structure = i > 0;
      rigs_[i].policy.adapter = names[i];
      rigs_[i].policy.tiers = board_;
      (void)rigs_[i].r();
    }
  }

  Rig& discovery() { return rigs_[0]; }
  Rig& router() { return rigs_[1]; }
  Rig& gateway() { return rigs_[2]; }

  void Offer(const std::shared_ptr<const Service>& service) {
    for (Rig& rig : rigs_) {
      rig.Offer(service);
    }
    Pass();
  }
  void Read(Rig& rig) {
    rig.Read();
    Pass();
  }
  void ReadAll() {
    for (Rig& rig : rigs_) {
      Read(rig);
    }
  }
  // What may be written there now.
  void Write(Rig& rig) {
    rig.Write();
    for (const std::string& word : std::exchange(rig.writes, {})) {
      all_.push_back(rig.policy.adapter + ": " + word);
    }
    Pass();
  }
  // Until nobody can write any more; the gateway first, so that order is no accident.
  Words WriteAll() {
    for (int round = 0; round < 4; ++round) {
      for (size_t i = 3; i > 0; --i) {
        Write(rigs_[i - 1]);
      }
    }
    return std::exchange(all_, {});
  }
  void Advance(Duration by) {
    for (Rig& rig : rigs_) {
      rig.now += by;
    }
  }
  std::optional<Mono> Deadline(Rig& rig) { return rig.r().NextWriteDeadline(); }

 private:
  void Pass() {
    for (size_t i = 0; i < 3; ++i) {
      const TierNews news = rigs_[i].r().TakeTierNews();
      for (size_t k = 0; k < 3 && !news.empty(); ++k) {
        if (k != i) {
          rigs_[k].r().TiersMoved(news, rigs_[k].now);
        }
      }
    }
  }

  std::shared_ptr<TierBoard> board_ = std::make_shared<TierBoard>();
  std::array<Rig, 3> rigs_;
  Words all_;
};

std::shared_ptr<Service> Gone() {
  auto gone = App("/web", "web", {});
  gone->want = Want::kNo;
  return gone;
}

const Words kCreated = {"discovery: put server web/a", "router: put backend web", "router: put server web/a",
                        "gateway: put backend web", "gateway: put server web/a"};

TEST_CASE("A new service comes to discovery, then to the router, then to the gateway") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  CHECK(chain.WriteAll() == kCreated);
}

TEST_CASE("A service goes from the gateway, then from the router") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  chain.Offer(Gone());
  chain.Write(chain.discovery());
  chain.Write(chain.router());
  // Instances go at once, wherever.
  CHECK(chain.router().There() == WordSet{"backend web"});
  CHECK(chain.WriteAll() == Words{"discovery: delete server web/a", "router: delete server web/a",
                                  "gateway: delete server web/a", "gateway: delete backend web",
                                  "router: delete backend web"});
}

TEST_CASE("Instances of a service that stands go to all tiers at once, and leave them at once") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  chain.discovery().fail["put server web/b"] = absl::UnavailableError("down");
  chain.discovery().fail["delete server web/a"] = absl::UnavailableError("down");
  chain.Offer(App("/web", "web", {Task("a", 1, Want::kNo), Task("b", 2)}));
  chain.Write(chain.gateway());
  chain.Write(chain.router());
  CHECK(chain.gateway().There() == WordSet{"backend web", "server web/b"});
  CHECK(chain.router().There() == WordSet{"backend web", "server web/b"});
}

TEST_CASE("Nobody waits for longer than tier_wait, and nobody writes twice for it") {
  Chain chain;
  chain.ReadAll();
  chain.discovery().fail["put server web/a"] = absl::UnavailableError("down");
  const Mono begun = chain.router().now;
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  CHECK(chain.router().There().empty());
  CHECK(chain.Deadline(chain.router()) == begun + seconds(10));
  CHECK(chain.Deadline(chain.gateway()) == begun + seconds(10));
  (void)chain.router().r().TakeNotes();
  chain.Advance(milliseconds(9999));
  chain.WriteAll();
  CHECK(chain.router().There().empty());
  chain.Advance(milliseconds(1));
  chain.Write(chain.router());
  CHECK(chain.router().There() == WordSet{"backend web", "server web/a"});
  REQUIRE(chain.router().Said(NoteKind::kApp).size() == 1);
  CHECK_FALSE(chain.Deadline(chain.router()));
  chain.Write(chain.gateway());
  CHECK(chain.gateway().There() == WordSet{"backend web", "server web/a"});
}

TEST_CASE("A router waits no longer for a gateway that can't delete, and its dead leave meanwhile") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  chain.gateway().fail["delete backend web"] = absl::FailedPreconditionError("a plugin hangs on it");
  chain.Offer(Gone());
  chain.WriteAll();
  CHECK(chain.router().There() == WordSet{"backend web"});
  CHECK(chain.gateway().There() == WordSet{"backend web"});
  chain.Advance(seconds(10));
  chain.WriteAll();
  CHECK(chain.router().There().empty());
}

TEST_CASE("As long as nobody has looked into discovery, a new service waits") {
  Chain chain;
  chain.Read(chain.router());
  chain.Read(chain.gateway());
  chain.Offer(App("/web", "web", {}));
  CHECK(chain.WriteAll().empty());
  chain.Read(chain.discovery());
  // It has no instances, so there is nothing that discovery could have.
  CHECK(chain.WriteAll() == Words{"router: put backend web", "gateway: put backend web"});
}

TEST_CASE("A router that has not looked into the gateway does not delete") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  Chain later;
  later.router().adapter.held = chain.router().adapter.held;
  later.gateway().adapter.held = chain.gateway().adapter.held;
  later.Read(later.discovery());
  later.Read(later.router());
  later.Offer(Gone());
  CHECK(later.WriteAll() == Words{"router: delete server web/a"});
  later.Read(later.gateway());
  CHECK(later.WriteAll() ==
        Words{"gateway: delete server web/a", "gateway: delete backend web", "router: delete backend web"});
}

TEST_CASE("What a tier does not publish nobody waits for") {
  Chain chain;
  chain.ReadAll();
  auto web = App("/web", "web", {Task("a", 1)});
  chain.router().Offer(web);  // neither discovery nor the gateway was ever asked
  chain.Write(chain.router());
  CHECK(chain.router().There() == WordSet{"backend web", "server web/a"});
}

TEST_CASE("A rename and a repair are no creation: they wait for nobody") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  chain.discovery().fail["put server shop/a"] = absl::UnavailableError("down");
  chain.Offer(App("/web", "shop", {Task("a", 1)}));
  chain.WriteAll();
  CHECK(chain.router().There() == WordSet{"backend shop", "server shop/a"});
  chain.router().adapter.held.clear();  // somebody wiped it
  chain.router().r().BeginFullPass(false, "", chain.router().now);
  chain.Read(chain.router());
  chain.discovery().fail.clear();
  chain.Advance(seconds(1));
  chain.WriteAll();
  CHECK(chain.router().There() == WordSet{"backend shop", "server shop/a"});
}

TEST_CASE("A plan shows what waits for other tiers, too") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  CHECK(chain.gateway().r().Plan(chain.gateway().now).size() == 2);
}

TEST_CASE("A service that comes back before its turn to go stays") {
  Chain chain;
  chain.ReadAll();
  chain.Offer(App("/web", "web", {Task("a", 1)}));
  chain.WriteAll();
  chain.gateway().fail["delete backend web"] = absl::UnavailableError("down");
  chain.Offer(Gone());
  chain.WriteAll();
  chain.gateway().fail.clear();
  chain.Offer(App("/web", "web", {Task("b", 2)}));
  chain.WriteAll();
  chain.Advance(seconds(20));
  chain.WriteAll();
  CHECK(chain.router().There() == WordSet{"backend web", "server web/b"});
  CHECK(chain.gateway().There() == WordSet{"backend web", "server web/b"});
  CHECK_FALSE(chain.Deadline(chain.router()));
}

TEST_CASE("Whatever fails in whatever tier, all of them end with the same") {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Chain chain;
    std::array<Rig*, 3> rigs = {&chain.discovery(), &chain.router(), &chain.gateway()};
    std::map<std::string, std::shared_ptr<Service>> offered;
    for (int step = 0; step < 60; ++step) {
      Rig& rig = *rigs[random() % 3];
      const std::string name = "n" + std::to_string(random() % 3);
      switch (random() % 6) {
        case 0:
        case 1: {
          auto service = App("/" + name, name, {});
          const size_t kind = random() % 4;
          for (int task = 0; task < 2; ++task) {
            const int port = 1 + task + 2 * (name.back() - '0');
            const bool dead = kind == 0 || random() % 3 == 0;
            service->instances.push_back(
                Task(name + "." + std::to_string(task), port, dead ? Want::kNo : Want::kYes));
          }
          service->want = kind == 0 ? Want::kNo : Want::kYes;
          offered[name] = service;
          chain.Offer(service);
          break;
        }
        case 2:
          chain.Read(rig);
          break;
        case 3:
          chain.Write(rig);
          break;
        case 4:
          rig.fail.clear();
          if (random() % 2 == 0) {
            rig.fail[(random() % 2 == 0 ? "put backend " : "delete backend ") + name] =
                absl::UnavailableError("down");
            rig.fail["put server " + name + "/" + name + ".0"] = absl::InvalidArgumentError("no");
          }
          break;
        default:
          chain.Advance(milliseconds(random() % 4000));
      }
    }
    for (Rig* rig : rigs) {
      rig->fail.clear();
    }
    for (int i = 0; i < 6; ++i) {
      chain.Advance(seconds(400));  // past what was refused
      for (Rig* rig : rigs) {
        rig->r().BeginFullPass(false, "", rig->now);
      }
      chain.ReadAll();
      chain.WriteAll();
    }
    WordSet instances, all;
    for (const auto& [name, service] : offered) {
      if (service->want == Want::kNo) {
        continue;
      }
      all.insert("backend " + name);
      for (const auto& instance : service->instances) {
        if (instance->want == Want::kYes) {
          instances.insert("server " + name + "/" + instance->task);
        }
      }
    }
    all.insert(instances.begin(), instances.end());
    REQUIRE(chain.discovery().There() == instances);
    REQUIRE(chain.router().There() == all);
    REQUIRE(chain.gateway().There() == all);
    for (Rig* rig : rigs) {
      REQUIRE_FALSE(chain.Deadline(*rig));
    }
  }
}

}  // namespace
}  // namespace dispatcher
