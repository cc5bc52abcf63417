// The engine's small parts, each on its own.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "dispatcher/engine/adapters_factory.h"
#include "dispatcher/engine/decision_log.h"
#include "dispatcher/engine/histogram.h"
#include "dispatcher/engine/host_resolver.h"
#include "dispatcher/engine/inbox.h"
#include "dispatcher/engine/policies.h"
#include "dispatcher/engine/readiness.h"
#include "tests/support/catch.h"
#include "tests/support/stderr.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace std::chrono_literals;

template <typename... T>
std::vector<Observation> These(T... observations) {
  std::vector<Observation> these;
  (these.emplace_back(std::move(observations)), ...);
  return these;
}

TEST_CASE("the inbox numbers without gaps, and each attach begins a generation") {
  Inbox inbox;
  inbox.Push(These(Tick{}), Mono{});
  inbox.Push(These(StreamAttached{}, Tick{}), Mono{});
  CHECK(inbox.Position() == ReadMark{3, 1, ""});
  inbox.Push(These(StreamLost{}, StreamAttached{}), Mono{});
  std::vector<Envelope> out;
  CHECK(inbox.Drain(out, 4, std::nullopt));
  REQUIRE(out.size() == 4);
  std::vector<std::pair<uint64_t, uint32_t>> places;
  for (const Envelope& envelope : out) {
    places.emplace_back(envelope.seq, envelope.generation);
  }
  CHECK(places == std::vector<std::pair<uint64_t, uint32_t>>{{1, 0}, {2, 1}, {3, 1}, {4, 1}});
  CHECK(inbox.Drain(out, 4, std::nullopt));
  CHECK(out.front().generation == 2);
  const InboxReport report = inbox.Report();
  CHECK(report.depth == 0);
  CHECK(report.peak == 5);
  CHECK(report.last_seq == 5);
}

TEST_CASE("the inbox is idle while its reader waits for more, not while that works") {
  Inbox inbox;
  CHECK_FALSE(inbox.Report().idle);  // nobody reads
  std::vector<Envelope> out;
  inbox.Push(These(Tick{}), Mono{});
  CHECK(inbox.Drain(out, 4, std::nullopt));
  CHECK_FALSE(inbox.Report().idle);  // what was taken is being worked on
  std::thread reader([&] {
    while (inbox.Drain(out, 4, std::nullopt)) {
    }
  });
  const bool idle = testing::WaitFor([&] { return inbox.Report().idle; });
  inbox.Close();
  reader.join();
  CHECK(idle);
}

TEST_CASE("a drain ends by time with nothing, and for good once closed and empty") {
  Inbox inbox;
  std::vector<Envelope> out;
  CHECK(inbox.Drain(out, 4, SystemClock().Now() + 5ms));
  CHECK(out.empty());
  inbox.Push(These(Tick{}), Mono{});
  inbox.Close();
  inbox.Push(These(Tick{}), Mono{});
  CHECK(inbox.Drain(out, 4, std::nullopt));
  CHECK(out.size() == 1);
  CHECK_FALSE(inbox.Drain(out, 4, std::nullopt));
}

TEST_CASE("reads wait for room in the inbox, and no longer than until it closes") {
  for (const bool close : {false, true}) {
    Inbox inbox;
    inbox.Push(These(Tick{}, Tick{}), Mono{});
    std::atomic<bool> through{false};
    std::thread reader([&] {
      inbox.WaitForRoom(2);
      through = true;
    });
    CHECK_FALSE(through);
    std::vector<Envelope> out;
    if (close) {
      inbox.Close();
    } else {
      inbox.Drain(out, 1, std::nullopt);
    }
    CHECK(testing::WaitFor([&] { return through.load(); }));
    reader.join();
  }
}

TEST_CASE("decisions are numbered, the oldest go, and a follower is woken") {
  const auto history = std::make_shared<History>(SystemClock(), 3);
  DecisionLog log(history);
  Note note;
  note.text = "one";
  log.Add("catalog", {note, note});
  log.Add("consul", {note, note});
  const auto after = [&](uint64_t number) { return history->Find({.after = number}); };
  REQUIRE(after(0).size() == 3);
  CHECK(after(0).front().number == 2);
  CHECK(after(0).back().source == "consul");
  CHECK(after(3).size() == 1);
  CHECK(after(4).empty());
  CHECK(after(9).size() == 3);  // of another life
  CHECK(history->Find({.limit = 2}).front().number == 3);
  std::vector<Decision> followed;
  std::thread follower([&] { followed = history->WaitAfter(4, 10, SystemClock().Now() + 10s); });
  log.Add("catalog", {note});
  follower.join();
  CHECK(followed.size() == 1);
  CHECK(history->WaitAfter(5, 10, SystemClock().Now() + 1ms).empty());
  log.Close();
  CHECK(history->WaitAfter(5, 10, SystemClock().Now() + 1h).empty());
}

TEST_CASE("a decision's line in the log has a field for what it is about, and none for what it is not") {
  const auto line = [](const Note& note) {
    return testing::Stderr(
        [&] { DecisionLog(std::make_shared<History>(SystemClock(), 1)).Add("x", {note}); });
  };
  Note note;
  note.kind = NoteKind::kRegistered;
  note.text = "read";
  CHECK(line(note).ends_with(" info registered from=x what=read\n"));
  note.app = "/a";
  note.task = "a.1";
  note.address = "10.0.0.1:80";
  CHECK(line(note).ends_with(" info registered from=x app=/a task=a.1 address=10.0.0.1:80 what=read\n"));
}

TEST_CASE("decisions are found by their time and by their app") {
  struct SetClock final : Clock {
    Mono Now() const override { return {}; }
    WallMs Wall() const override { return wall; }
    WallMs wall = 0;
  } clock;
  History history(clock, 100);
  for (const char* app : {"/a", "/b", "/a", "/b"}) {
    clock.wall += 1000;
    history.Add("catalog", {{NoteKind::kApp, app, "", "one"}});
  }
  const auto numbers = [&](const DecisionQuery& query) {
    std::vector<uint64_t> found;
    for (const Decision& decision : history.Find(query)) {
      found.push_back(decision.number);
    }
    return found;
  };
  using Numbers = std::vector<uint64_t>;
  CHECK(numbers({.since = 3000}) == Numbers{3, 4});
  CHECK(numbers({.app = "/a"}) == Numbers{1, 3});
  CHECK(numbers({.app = "/a", .since = 1001}) == Numbers{3});
  CHECK(numbers({.limit = 1, .app = "/a"}) == Numbers{3});
  CHECK(numbers({.after = 2, .app = "/b"}) == Numbers{4});
}

TEST_CASE("who waits to take another's place leaves it to that one to tell what happens") {
  const auto history = std::make_shared<History>(SystemClock(), 100);
  DecisionLog first(history), next(history);
  next.SetWaiting(true);
  const auto told = [&](DecisionLog& log, NoteKind kind) {
    log.Add("catalog", {{kind, "/a", "", "one"}});
    return history->Find({}).size();
  };
  CHECK(told(first, NoteKind::kPhase) == 1);
  CHECK(told(next, NoteKind::kPhase) == 1);
  CHECK(told(next, NoteKind::kRefused) == 2);
  next.SetWaiting(false);
  first.Close();
  CHECK(told(next, NoteKind::kPhase) == 3);
  CHECK(history->WaitAfter(3, 10, SystemClock().Now() + 1ms).empty());
  CHECK(history->Find({}).back().number == 3);
}

// Catch's own comparison is in another namespace in each of its versions.
bool Near(double a, double b) { return std::abs(a - b) < 1e-9 * std::abs(b); }

TEST_CASE("a histogram puts a value at its bound, and what is over all bounds last") {
  Histogram histogram;
  histogram.Add(1ms);
  histogram.Add(1ms + 1ns);
  histogram.Add(Duration::zero());
  histogram.Add(1h);
  const HistogramReport report = histogram.Read();
  CHECK(report.counts[0] == 1);
  CHECK(report.counts[2] == 1);
  CHECK(report.counts[3] == 1);
  CHECK(report.counts.back() == 1);
  CHECK(report.count == 4);
  CHECK(Near(report.sum, 3600.002));
}

TEST_CASE("a quantile lies within its bucket, and at the last bound if it is over all of them") {
  HistogramReport report;
  CHECK_FALSE(Quantile(report, 0.5).has_value());
  report.counts[2] = 90;  // 0.5 to 1 ms
  report.counts[6] = 10;  // 5 to 10 ms
  report.count = 100;
  CHECK(Near(*Quantile(report, 0.45), 0.00075));
  CHECK(Near(*Quantile(report, 0.95), 0.0075));
  report.counts.back() = 100;
  report.count = 200;
  CHECK(*Quantile(report, 0.99) == 60);
}

TEST_CASE("a host name is resolved when it is time, once for all who ask") {
  std::atomic<int> answers{0};
  std::vector<std::string> ips;
  HostResolver resolver(SystemClock(), [&](HostResolved resolved) {
    ips = resolved.ips;
    ++answers;
  });
  const Mono due = SystemClock().Now() + 30ms;
  resolver.Want("localhost", due + 1h);
  resolver.Want("localhost", due);
  resolver.Start();
  CHECK(testing::WaitFor([&] { return answers == 1; }));
  CHECK(SystemClock().Now() >= due);
  resolver.Stop();
  REQUIRE_FALSE(ips.empty());
  CHECK((ips.front() == "127.0.0.1" || ips.front() == "::1"));
  CHECK(absl::IsNotFound(Resolve("").status));
}

TEST_CASE("a name that can't be resolved is asked again, and keeps no new one waiting") {
  Mutex mutex;
  std::vector<std::string> asked, failed, found;
  std::atomic<bool> hangs{true}, hanging{false};
  ResolverOptions options;
  options.retry = {1ms, 1ms, 1.0};
  options.resolve = [&](const std::string& host) {
    std::ptrdiff_t times = 0;
    {
      MutexLock lock(mutex);
      asked.push_back(host);
      times = std::count(asked.begin(), asked.end(), host);
    }
    if (times == 3) {  // while it hangs, all others become due again
      hanging = true;
      testing::WaitFor([&] { return !hangs; });
    }
    const bool bad = host != "new" && times < 5;
    return HostResolved{host, bad ? std::vector<std::string>() : std::vector<std::string>{"10.0.0.1"},
                        bad ? absl::UnavailableError("no answer") : absl::OkStatus()};
  };
  HostResolver resolver(
      SystemClock(),
      [&](const HostResolved& resolved) {
        MutexLock lock(mutex);
        (resolved.status.ok() ? found : failed).push_back(resolved.host);
      },
      options);
  for (const char* host : {"bad1", "bad2", "bad3"}) {
    resolver.Want(host, Mono{});
  }
  resolver.Start();
  REQUIRE(testing::WaitFor([&] { return hanging.load(); }));
  const Mono later = SystemClock().Now() + 3ms;
  REQUIRE(testing::WaitFor([&] { return SystemClock().Now() > later; }));
  resolver.Want("new", SystemClock().Now());
  size_t before = 0;
  {
    MutexLock lock(mutex);
    before = asked.size();
  }
  hangs = false;
  REQUIRE(testing::WaitFor([&] {
    MutexLock lock(mutex);
    return found.size() == 4;
  }));
  resolver.Stop();
  CHECK(asked.at(before) == "new");
  std::sort(failed.begin(), failed.end());
  CHECK(failed == std::vector<std::string>{"bad1", "bad2", "bad3"});  // each told once
}

TEST_CASE("readiness: what stops it, and what only degrades it") {
  EngineReport sound;
  sound.started = true;
  sound.catalog.ever_synced = sound.catalog.synced = true;
  AdapterReport adapter;
  adapter.name = "consul";
  adapter.state.read_once = true;
  sound.adapters.push_back(adapter);
  struct Case {
    std::string name;
    std::function<void(EngineReport&)> change;
    bool ready;
    std::string reason;  // in the list that fits
  };
  const std::vector<Case> cases = {
      {"sound", [](EngineReport&) {}, true, ""},
      {"not started", [](EngineReport& r) { r.started = false; }, false, "not started"},
      {"stopping", [](EngineReport& r) { r.stopping = true; }, false, "stopping"},
      {"no snapshot", [](EngineReport& r) { r.catalog.ever_synced = false; }, false, "no complete snapshot"},
      {"stream away", [](EngineReport& r) { r.stream.down_for = 20s; }, true, "waiting for the event stream"},
      {"stream dead", [](EngineReport& r) { r.stream.down_for = 36s; }, false, "no event stream"},
      {"resync due", [](EngineReport& r) { r.catalog.synced = false; }, true, "since the event stream"},
      {"read failed", [](EngineReport& r) { r.reads.last_error = "401"; }, true,
       "read of Marathon failed: 401"},
      {"distrust", [](EngineReport& r) { r.catalog.distrust = "empty"; }, true, "not believed: empty"},
      {"bad app", [](EngineReport& r) { r.reads.bad_apps = {"/x"}; }, true,
       "1 app could not be decoded; e.g. /x"},
      {"lane",
       [](EngineReport& r) {
         r.adapters[0].state.failing = {{"h1", "dead"}};
       },
       true, "consul: h1: dead"},
      {"held",
       [](EngineReport& r) {
         r.adapters[0].state.held.resize(3);
         r.adapters[0].state.held[0].id.id = "web.1";
         r.adapters[0].state.held[0].reason = "absent";
         r.adapters[0].state.held[1].cause = HeldFor::kLimit;
       },
       true,
       "consul: 3 removals are held back (2 unconfirmed, 1 over_limit), `dispatcher release` lets them go; "
       "see /v1/adapters, e.g. web.1: absent"},
      {"watch", [](EngineReport& r) { r.adapters[0].state.watch_error = "403"; }, true,
       "consul: changes by other hands are found by full passes alone, watching fails: 403"},
      {"refused", [](EngineReport& r) { r.adapters[0].state.refusals = {"/y: no"}; }, true, "/y: no"},
      {"refused by the registry",
       [](EngineReport& r) {
         r.adapters[0].state.failed = {{{"", "route", "again"}, {}, {}, "later", false},
                                       {{"", "route", "d.web"}, {}, {}, "its host is theirs", true}};
       },
       true,
       "consul: 1 entry can't be written until something changes; e.g. route d.web: its host is theirs"},
      {"panic", [](EngineReport& r) { r.adapters[0].state.panics = {"/y: 1 of 1"}; }, true,
       "consul: 1 service is at the panic threshold; e.g. /y"},
      {"unread", [](EngineReport& r) { r.adapters[0].state.read_once = false; }, true, "not been read"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    EngineReport report = sound;
    c.change(report);
    JudgeReadiness(report, 25s);
    CHECK(report.ready == c.ready);
    const auto& reasons = c.ready ? report.degraded : report.not_ready;
    CHECK(reasons.size() == (c.reason.empty() ? 0U : 1U));
    CHECK((reasons.empty() || reasons.front().find(c.reason) != std::string::npos));
  }
}

TEST_CASE("settings become policies, and odd ones are refused by name") {
  Settings settings;
  settings.services.unreachable = "90s";
  settings.services.route_when = "ready";
  settings.services.address = "host";
  const auto policy = CatalogPolicyOf(settings);
  REQUIRE(policy.ok());
  CHECK(policy->unreachable_for == 90s);
  CHECK(policy->route_when == RouteWhen::kReady);
  CHECK(policy->address_is_host_name);
  settings.services.unreachable = "keep";
  CHECK_FALSE(CatalogPolicyOf(settings)->unreachable_for.has_value());
  settings.services.unreachable = "drop";
  CHECK(CatalogPolicyOf(settings)->unreachable_for == Duration::zero());
  settings.services.unreachable = "sometimes";
  CHECK(Text(CatalogPolicyOf(settings).status()).find("services.unreachable") != std::string::npos);
  settings.services.unreachable = "drop";
  settings.adapters.resize(2);
  settings.adapters[0].type = "vulcand";
  settings.adapters[0].url = "http://router:8182";
  settings.adapters[1].type = "consul";
  settings.adapters[1].url = "http://consul:8500";
  CHECK(CatalogPolicyOf(settings)->reserved_ports == std::vector<int>{8182});
  settings.adapters[0].name = "edge";
  settings.adapters[1].name = "consul";
  CHECK(CatalogPolicyOf(settings)->adapters == std::vector<std::string>{"edge", "consul"});
  settings.services.route_when = "never";
  CHECK(Text(CatalogPolicyOf(settings).status()).find("services.route_when") != std::string::npos);
  settings.brake = {11, 7, 3min, 9s};
  settings.services.panic_threshold = 80;
  settings.adapters[1].name = "x";
  settings.adapters[1].max_writes_per_second = 40;
  const ReconcilePolicy reconcile = ReconcilePolicyOf(settings, settings.adapters[1]);
  CHECK(reconcile.adapter == "x");
  CHECK(reconcile.brake.max_removal_percent == 11);
  CHECK(reconcile.brake.min_instances == 7);
  CHECK(reconcile.brake.window == 3min);
  CHECK(reconcile.brake.confirm_after == 9s);
  CHECK(reconcile.panic_threshold == 80);
  CHECK(reconcile.max_writes_per_second == 40);
  settings.marathon.resync_interval = 2s;
  CHECK(ReadPolicyOf(settings).resync_interval == 2s);
}

TEST_CASE("adapters are made by type, the key counting as one") {
  Settings settings;
  AdapterSettings adapter;
  adapter.name = "memory";
  CHECK((*MakeAdapter(adapter, settings))->GetTraits().type == "memory");
  adapter.type = "consul";
  adapter.url = "http://127.0.0.1:8500";
  CHECK((*MakeAdapter(adapter, settings))->GetTraits().type == "consul");
  adapter.type = "vulcand";
  adapter.url = "http://127.0.0.1:8182";
  CHECK((*MakeAdapter(adapter, settings))->GetTraits().tier == Tier::kRouter);
  adapter.type = "consol";
  const std::string error = Text(MakeAdapter(adapter, settings).status());
  CHECK(error.find("adapters.memory.type: there is no adapter 'consol'; did you mean consul?") !=
        std::string::npos);
  CHECK(AdapterTypes() == std::vector<std::string>{"consul", "kong", "memory", "vulcand"});
}

}  // namespace
}  // namespace dispatcher
