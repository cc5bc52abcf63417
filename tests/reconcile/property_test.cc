// Random worlds: whatever order offers, reads, writes, failures, crashes and other
// people's changes come in, the registry ends as the final state says.
#include <algorithm>
#include <random>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

constexpr int kApps = 6;
constexpr int kPorts = 14;  // few, so that addresses are taken over

class RandomWorld {
 public:
  explicit RandomWorld(uint32_t seed) : random_(seed) {
    rig_.policy.seed = seed;
    rig_.policy.brake.confirm_after = seconds(1);
    rig_.policy.brake.min_instances = 1000;
    rig_.adapter.traits.batch = 1 + Pick(6);
    rig_.adapter.traits.parallelism = 1 + static_cast<int>(Pick(3));
    rig_.adapter.traits.atomic = Pick(2) == 0;
    rig_.adapter.traits.lanes = Pick(2) == 0;
    rig_.adapter.with_structure = Pick(2) == 0;
  }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      Step();
    }
    Quiesce();
    CheckFinal();
  }

 private:
  size_t Pick(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  std::shared_ptr<const Service> Make(int app, bool final) {
    const std::string id = "/app" + std::to_string(app);
    // The last two want one name.
    auto s =
        App(id, app >= kApps - 2 ? "contested" : "n" + std::to_string(app) + (Pick(4) == 0 ? "x" : ""), {});
    for (int t = 0; t < 4; ++t) {
      const size_t kind = Pick(final ? 3 : 5);
      const std::string task = id.substr(1) + "." + std::to_string(t);
      const auto instance = Task(task, static_cast<int>(1 + Pick(kPorts)), Want::kYes, Why::kEvent,
                                 Mono(milliseconds(++clock_)));
      instance->host = "h" + std::to_string(instance->port % 3);
      if (kind == 1) {
        instance->want = Want::kNo;
        instance->why = Pick(2) == 0 ? Why::kEvent : Why::kAbsent;
      } else if (kind == 2) {
        continue;
      } else if (kind == 3) {
        instance->want = Want::kIfThere;
      }
      s->instances.push_back(instance);
    }
    s->missing = Pick(2) == 0 ? Why::kRead : Why::kAbsent;
    s->complete = final || Pick(3) != 0;
    if (Pick(8) == 0) {
      s->want = Want::kNo;
      s->instances.clear();
    } else if (!final && Pick(6) == 0) {
      s->want = Want::kIfThere;
      s->profile = Pick(2) == 0 ? nullptr : s->profile;
    }
    return s;
  }

  void OfferOne(int app, bool final) {
    const ServiceKey key{"/app" + std::to_string(app), 0};
    offered_[key] = Pick(10) == 0 ? nullptr : Make(app, final);
    rig_.r().Offer(key, offered_[key], rig_.now);
  }

  void Step() {
    Reconciler& r = rig_.r();
    switch (Pick(14)) {
      case 0:
      case 1:
      case 2:
        OfferOne(static_cast<int>(Pick(kApps)), false);
        break;
      case 3:
      case 4:
      case 5:
        if (auto batch = r.NextBatch(rig_.now)) {
          CheckBatch(*batch);
          flying_.push_back(*batch);
        }
        break;
      case 6:
      case 7:
        if (!flying_.empty()) {
          const size_t i = Pick(flying_.size());
          const Batch batch = flying_[i];
          flying_.erase(flying_.begin() + static_cast<std::ptrdiff_t>(i));
          Land(batch);
        }
        break;
      case 8:
        rig_.now += milliseconds(Pick(3000));
        break;
      case 9:
        r.BeginFullPass(Pick(5) == 0, "f1", rig_.now);
        break;
      case 10:
        if (r.LanesWanted(rig_.now)) {
          if (Pick(4) == 0) {
            r.LanesKnown(absl::UnavailableError("no lanes"), rig_.now);
          } else {
            r.LanesKnown(rig_.Lanes(), rig_.now);
          }
        } else if (auto lane = r.NextRead(rig_.now)) {
          reading_.push_back(*lane);
          rig_.Visit(*lane);
        }
        break;
      case 11:
        if (!reading_.empty()) {
          r.ReadEnded(reading_.back(), Pick(3) == 0 ? absl::DataLossError("cut") : absl::OkStatus(),
                      rig_.now);
          reading_.pop_back();
        }
        break;
      case 12:
        Meddle();
        break;
      case 13:
        if (Pick(5) == 0) {
          Crash();
        }
        break;
    }
    CheckDeadline();
  }

  void Land(const Batch& batch) {
    std::vector<absl::Status> results;
    const size_t fate = Pick(8);
    for (const Change& c : batch.changes) {
      if (fate == 0) {
        results.push_back(absl::PermissionDeniedError("token"));
      } else if (fate == 1 || Pick(6) == 0) {
        if (Pick(2) == 0) {
          (void)rig_.WriteOne(c);  // done, but nobody heard of it
        }
        results.push_back(absl::UnavailableError("down"));
      } else if (Pick(12) == 0) {
        results.push_back(absl::FailedPreconditionError("not like this"));
        refused_ = true;
      } else {
        results.push_back(rig_.WriteOne(c));
      }
    }
    rig_.r().Finished(batch, results, rig_.now);
  }

  // Somebody else changes, removes or adds something with our mark. Entries in
  // flight are left alone: who comes last there is anybody's guess.
  void Meddle() {
    if (Pick(2) == 0 || rig_.adapter.held.empty()) {
      Entry ghost;
      ghost.id = {"", "server", "ghost" + std::to_string(Pick(3))};
      ghost.task = "g";
      ghost.rank = 1;
      ghost.address = "10.0.0.1:" + std::to_string(1 + Pick(kPorts));
      ghost.service = {Pick(2) == 0 ? "" : "/ghost", 0};
      rig_.adapter.held[ghost.id] = ghost;
      return;
    }
    auto it = rig_.adapter.held.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(Pick(rig_.adapter.held.size())));
    if (Pick(2) == 0) {
      it->second.fields["tags"] = "meddled";
    } else {
      rig_.adapter.held.erase(it);
    }
  }

  void Crash() {
    for (const Batch& batch : flying_) {
      for (const Change& c : batch.changes) {
        if (Pick(2) == 0) {
          (void)rig_.WriteOne(c);
        }
      }
    }
    flying_.clear();
    reading_.clear();
    rig_.reconciler.reset();
    for (const auto& [key, service] : offered_) {
      rig_.r().Offer(key, service, rig_.now);
    }
  }

  void CheckBatch(const Batch& batch) {
    REQUIRE(!batch.changes.empty());
    REQUIRE(batch.changes.size() <= rig_.adapter.traits.batch);
    std::set<EntryId> ids;
    for (const Change& c : batch.changes) {
      REQUIRE(c.id.lane == batch.lane);
      REQUIRE(ids.insert(c.id).second);
      for (const Batch& other : flying_) {
        for (const Change& o : other.changes) {
          REQUIRE_FALSE(o.id == c.id);
          REQUIRE_FALSE((o.id.lane == c.id.lane && o.entry->service == c.entry->service));
        }
      }
      if (c.op == Op::kPut && !c.entry->task.empty()) {
        const auto service = offered_.at(c.entry->service);
        REQUIRE(service != nullptr);
        REQUIRE(std::any_of(service->instances.begin(), service->instances.end(), [&](const auto& i) {
          return i->task == c.entry->task && i->want != Want::kNo &&
                 c.entry->address == i->address + ":" + std::to_string(i->port);
        }));
      }
    }
    REQUIRE(flying_.size() < static_cast<size_t>(rig_.adapter.traits.parallelism));
  }

  // A deadline in the past means that there is something to do: no busy loop.
  void CheckDeadline() {
    Reconciler& r = rig_.r();
    const auto at = rig_.NextDeadline();
    if (!at || *at > rig_.now || r.LanesWanted(rig_.now)) {
      return;
    }
    if (auto lane = r.NextRead(rig_.now)) {
      reading_.push_back(*lane);
      rig_.Visit(*lane);
      return;
    }
    auto batch = r.NextBatch(rig_.now);
    REQUIRE(batch);
    CheckBatch(*batch);
    flying_.push_back(*batch);
  }

  void Quiesce() {
    for (const Batch& batch : flying_) {
      rig_.Finish(batch);
    }
    flying_.clear();
    for (const std::string& lane : reading_) {
      rig_.r().ReadEnded(lane, absl::UnavailableError("cut"), rig_.now);
    }
    reading_.clear();
    for (int app = 0; app < kApps; ++app) {
      OfferOne(app, true);
    }
    if (refused_) {
      Crash();  // what was refused waits for a change; a new process tries it once
    }
    for (int i = 0; i < 6; ++i) {
      rig_.now += seconds(40);
      rig_.Sync();
    }
  }

  void CheckFinal() {
    // Who may publish: of the two that want one name the one that has it.
    std::set<ServiceKey> published;
    std::vector<ServiceKey> contenders;
    for (const auto& [key, service] : offered_) {
      if (service == nullptr || service->want != Want::kYes) {
        continue;
      }
      if (service->profile->names[0] == "contested") {
        contenders.push_back(key);
      } else {
        published.insert(key);
      }
    }
    if (contenders.size() == 2) {
      const auto refusals = rig_.r().Report(rig_.now).refusals;
      REQUIRE(refusals.size() == 1);
      published.insert(refusals[0].starts_with(contenders[0].app) ? contenders[1] : contenders[0]);
    } else if (contenders.size() == 1) {
      published.insert(contenders[0]);
    }
    // At each address the task that came last.
    std::map<int, Mono> latest;
    for (const ServiceKey& key : published) {
      for (const auto& i : offered_[key]->instances) {
        if (i->want == Want::kYes) {
          latest[i->port] = std::max(latest[i->port], i->since);
        }
      }
    }
    std::map<EntryId, uint64_t> expected, found;
    for (const ServiceKey& key : published) {
      const Service& service = *offered_[key];
      for (const Entry& e : rig_.adapter.Render(service).structure) {
        expected[e.id] = e.Fingerprint();
      }
      for (const auto& i : service.instances) {
        if (i->want == Want::kYes && latest[i->port] == i->since) {
          for (const Entry& e : rig_.adapter.Render(service, *i)) {
            expected[e.id] = e.Fingerprint();
          }
        }
      }
    }
    for (const auto& [id, entry] : rig_.adapter.held) {
      found[id] = entry.Fingerprint();
    }
    REQUIRE(found == expected);
    const ReconcileReport report = rig_.r().Report(rig_.now);
    REQUIRE(report.pending == 0);
    REQUIRE(report.held.empty());
    REQUIRE(report.desired >= report.actual);
    rig_.writes.clear();
    rig_.Sync();
    REQUIRE(rig_.writes.empty());
    REQUIRE(rig_.r().Plan(rig_.now).empty());
  }

  std::mt19937 random_;
  Rig rig_;
  std::map<ServiceKey, std::shared_ptr<const Service>> offered_;
  std::vector<Batch> flying_;
  std::vector<std::string> reading_;
  int64_t clock_ = 1;
  bool refused_ = false;
};

TEST_CASE("Any interleaving converges to the plan of the final state") {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    RandomWorld(seed).Run(150);
  }
}

TEST_CASE("The plans of the units put together are the whole plan") {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto pick = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
    Rig rig;
    rig.adapter.traits.batch = 1 + pick(5);
    for (int round = 0; round < 2; ++round) {
      for (int app = 0; app < 8; ++app) {
        auto s = App("/a" + std::to_string(app), "n" + std::to_string(app) + (pick(3) == 0 ? "x" : ""), {});
        for (int t = 0; t < 5; ++t) {
          if (pick(3) != 0) {
            s->instances.push_back(Task("t" + std::to_string(t),
                                        app * 100 + t + static_cast<int>(pick(2)) * 50,
                                        pick(4) == 0 ? Want::kNo : Want::kYes));
          }
        }
        s->missing = Why::kRead;
        rig.Offer(s);
      }
      rig.Pass();
      Words plan, written;
      for (const Change& c : rig.r().Plan(rig.now)) {
        plan.push_back(Rig::Word(c));
      }
      for (const Change& c : rig.Write()) {
        written.push_back(Rig::Word(c));
      }
      std::sort(plan.begin(), plan.end());
      std::sort(written.begin(), written.end());
      REQUIRE(plan == written);
      REQUIRE(rig.r().Plan(rig.now).empty());
    }
  }
}

}  // namespace
}  // namespace dispatcher
