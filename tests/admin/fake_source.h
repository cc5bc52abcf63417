// A dispatcher whose state a test writes down.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "dispatcher/admin/source.h"

namespace dispatcher {

class FakeSource final : public Source {
 public:
  EngineReport report;
  std::vector<AppId> apps;
  std::vector<AppSummary> summaries;
  std::vector<std::pair<std::string, std::vector<AppStanding>>> standings;
  std::vector<AppReport> explained;
  std::vector<std::shared_ptr<const Service>> services;
  std::vector<AdapterPlan> plans;
  std::vector<std::pair<std::string, AppPlace>> places;  // of the first app
  std::vector<Decision> decisions;
  int releases = 0;
  ReleaseScope scope;    // of the last one
  size_t held_back = 1;  // what one lets go

  EngineReport Report() const override { return report; }
  std::vector<AppId> Apps() const override { return apps; }
  std::vector<AppSummary> Summaries() const override { return summaries; }
  std::vector<std::pair<std::string, std::vector<AppStanding>>> Standings() const override {
    return standings;
  }
  std::optional<AppReport> Explain(const AppId& app) const override {
    for (const AppReport& known : explained) {
      if (known.app == app) {
        return known;
      }
    }
    return std::nullopt;
  }
  std::vector<std::shared_ptr<const Service>> Services() const override { return services; }
  std::vector<AdapterPlan> Plan() const override { return plans; }
  std::vector<std::pair<std::string, AppPlace>> Where(const AppId& app) const override {
    return app == apps.front() ? places : std::vector<std::pair<std::string, AppPlace>>();
  }
  // Of 'decisions', which a test fills before it serves them; Decide adds to them at any time.
  std::vector<Decision> Decisions(const DecisionQuery& query) const override {
    MutexLock lock(*mutex_);
    std::vector<Decision> found = Above(query.after, SIZE_MAX);
    std::erase_if(found, [&](const Decision& decision) {
      return decision.at < query.since || (!query.app.empty() && decision.note.app != query.app);
    });
    found.erase(found.begin(),
                found.end() - static_cast<std::ptrdiff_t>(std::min(query.limit, found.size())));
    return found;
  }
  std::vector<Decision> WaitForDecisions(uint64_t after, size_t limit, Duration patience) const override {
    MutexLock lock(*mutex_);
    const Mono until = MonoClock::now() + patience;
    while (Above(after, limit).empty() && decided_->WaitUntil(*mutex_, until)) {
    }
    return Above(after, limit);
  }
  void Decide(Decision decision) {
    MutexLock lock(*mutex_);
    decisions.push_back(std::move(decision));
    decided_->NotifyAll();
  }
  absl::StatusOr<size_t> Release(const ReleaseScope& asked) override {
    ++releases;
    scope = asked;
    if (asked.adapter == "nobody") {
      return absl::NotFoundError("there is no adapter nobody, only consul");
    }
    return std::exchange(held_back, 0);
  }

 private:
  std::vector<Decision> Above(uint64_t after, size_t limit) const {
    std::vector<Decision> above;
    std::copy_if(decisions.begin(), decisions.end(), std::back_inserter(above),
                 [&](const Decision& decision) { return decision.number > after; });
    above.erase(above.begin(), above.end() - static_cast<std::ptrdiff_t>(std::min(limit, above.size())));
    return above;
  }

  // Shared, so that one can be copied out of ExampleSource.
  std::shared_ptr<Mutex> mutex_ = std::make_shared<Mutex>();
  std::shared_ptr<CondVar> decided_ = std::make_shared<CondVar>();
};

// A healthy one with the app /shop/cart, one instance of it, and a Consul where
// something is held, refused, failing and planned.
inline FakeSource ExampleSource() {
  FakeSource source;
  source.report.ready = true;
  source.report.degraded = {"consul: 1 removal is held"};
  source.report.catalog.distrust = "Marathon answered with no apps";
  source.report.uptime = std::chrono::seconds(90);
  source.report.stream.now.connected = true;
  source.report.stream.now.connects = 3;
  source.report.stream.now.ignored = {{"subscribe_event", 7}};
  source.report.stream.silent_for = std::chrono::milliseconds(1500);
  source.report.reads.snapshots.ok = 4;
  source.report.reads.snapshots.failed = 1;
  source.report.reads.next_snapshot_in = std::chrono::milliseconds(2500);
  source.report.reads.snapshots.seconds.counts[9] = 5;
  source.report.reads.snapshots.seconds.count = 5;
  source.report.reads.apps.not_found = 2;

  AdapterReport consul;
  consul.name = "consul";
  consul.type = "consul";
  consul.latency.counts[2] = 5;
  consul.latency.counts[kBucketBounds.size()] = 1;
  consul.latency.count = 6;
  consul.latency.sum = 70;
  consul.state.desired = 2;
  consul.state.puts = 11;
  consul.state.deletes = 1;
  consul.state.held = {{{"", "service", "dispatcher:x"},
                        {"/shop/cart", 0},
                        "shop_cart.1",
                        "absent from 1 read",
                        HeldFor::kLimit}};
  consul.state.drift_repaired = 4;
  consul.state.watched_changes = 9;
  consul.state.refusals = {"/shop/cart: name web is held by /web", "/shop/cart2: no ports"};
  consul.state.panics = {"/shop/cart: 1 of 1 running instances"};
  consul.state.failing = {{"10.0.0.7", "UNAVAILABLE: connection refused"}};
  consul.state.compared = true;
  consul.state.gated = 3;
  consul.state.failed = {{{"10.0.0.7", "service", "dispatcher:shop_cart.3"},
                          Op::kPut,
                          {"/shop/cart", 0},
                          "UNAVAILABLE: connection refused",
                          false}};
  source.report.adapters = {consul};

  source.apps = {"/shop/cart"};
  source.summaries = {{"/shop/cart", "known", 3, 2, 1}};
  AppStanding standing;
  standing.app = "/shop/cart";
  standing.published = 1;
  standing.refused = 1;
  standing.wanted = 2;
  standing.right = 1;
  standing.held = 1;
  standing.failed = 1;
  source.standings = {{"consul", {standing}}, {"kong", {}}};
  AppReport app;
  app.app = "/shop/cart";
  app.state = "known";
  app.version = "2026-01-01T00:00:00.000Z";
  app.instances = 1;
  app.running = 1;
  app.serving = 1;
  TaskReport task;
  task.task = "shop_cart.2";
  task.phase = "Serving";
  task.want = "yes";
  task.ports = {31000};
  task.running_at = 1767225600000;
  task.facts = {"life Running: status_update_event, 3.2 s ago"};
  app.tasks = {task};
  source.explained = {app};

  auto profile = std::make_shared<Profile>();
  profile->names = {"shop-cart"};
  profile->tags = {"say \"hi\""};
  auto instance = std::make_shared<Instance>();
  instance->task = "shop_cart.2";
  instance->address = "10.0.0.1";
  instance->port = 31000;
  instance->condition = Condition::kPassing;
  auto service = std::make_shared<Service>();
  service->key = {"/shop/cart", 0};
  service->profile = profile;
  service->instances = {instance};
  source.services = {service};

  auto entry = std::make_shared<Entry>();
  entry->service = {"/shop/cart", 0};
  entry->address = "10.0.0.1:31000";
  Change put;
  put.id = {"", "service", "dispatcher:shop_cart.2"};
  put.entry = entry;
  put.reason = "running";
  Change foreign;
  foreign.op = Op::kDelete;
  foreign.id = {"", "service", "dispatcher:old"};
  foreign.held = true;
  foreign.reason = "absent from 1 read";
  source.plans = {{"consul", true, {put, foreign}}};

  EntryReport there;
  there.id = put.id;
  there.task = "shop_cart.2";
  there.address = "10.0.0.1:31000";
  there.state = "right";
  there.since = std::chrono::seconds(200);
  EntryReport held = there;
  held.id.id = "dispatcher:x";
  held.task = "shop_cart.1";
  held.state = "held";
  held.why = "absent from 1 read";
  held.found = true;
  source.places = {{"consul", {true, {{1, "/shop/cart: name web is held by /web"}}, {there, held}}},
                   {"kong", {}}};

  source.decisions = {{1, 0, "catalog", {NoteKind::kPhase, "/shop/cart", "shop_cart.2", "Placed -> Running"}},
                      {2, 0, "catalog", {NoteKind::kPhase, "/other", "other.1", "Placed -> Running"}}};
  return source;
}

}  // namespace dispatcher
