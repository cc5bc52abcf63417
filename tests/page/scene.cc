// What the invented dispatcher knows.
#include "tests/page/stage.h"

namespace dispatcher::testing {
namespace {

using std::chrono::seconds;

constexpr char kVersion[] = "2026-11-22T05:00:00.000Z";
const char* const kAdapters[] = {"consul", "kong", "vulcand"};

TaskId CartTask(int number) {
  return "cart.4f1c2b1e-aa0" + std::to_string(number) + "-11ee-b962-0242ac120002";
}

AdapterReport Registry(const std::string& name) {
  AdapterReport adapter;
  adapter.name = adapter.type = name;
  adapter.state.read_once = adapter.state.compared = true;
  adapter.state.desired = adapter.state.actual = 44;
  adapter.latency.counts[2] = 90;
  adapter.latency.counts[6] = 10;
  adapter.latency.count = 100;
  return adapter;
}

AppStanding Stands(const AppId& app, size_t wanted, size_t right) {
  AppStanding standing;
  standing.app = app;
  standing.published = 1;
  standing.wanted = wanted;
  standing.right = right;
  return standing;
}

TaskReport ReportOf(int number, const char* phase, WallMs running_at) {
  TaskReport task;
  task.task = CartTask(number);
  task.phase = phase;
  task.want = task.phase == "Gone" ? "no" : "yes";
  task.reason = task.phase == "Serving" ? "all its health checks pass" : "TASK_KILLED";
  task.host = "agent-" + std::to_string(number) + ".example";
  task.version = kVersion;
  task.health = "alive by an event";
  task.ports = {31000 + number};
  task.ips = {"10.0.0." + std::to_string(number)};
  task.facts = {"life TASK_RUNNING from status_update_event, 31.2 s ago",
                "alive from a health event, stamped 2026-11-22T05:01:00.000Z"};
  task.running_at = running_at;
  return task;
}

EntryReport EntryOf(int number, const char* kind, const char* state, std::optional<Duration> since) {
  EntryReport entry;
  entry.id = {"", kind, "dispatcher:" + CartTask(number)};
  entry.task = CartTask(number);
  entry.address = "10.0.0." + std::to_string(number) + ":" + std::to_string(31000 + number);
  entry.state = state;
  entry.since = since;
  return entry;
}

void AddCart(FakeSource& scene, WallMs now) {
  AppReport cart;
  cart.app = "/cart";
  cart.state = "known";
  cart.version = kVersion;
  cart.instances = 4;
  cart.running = 3;
  cart.serving = 2;
  cart.deployments = {"5f0: RestartApplication /cart, step 1 of 2, 40 s"};
  cart.missing = {"port 1 is not published: dispatcher.1.name: \"Foo!\" is no DNS name"};
  cart.tasks = {ReportOf(0, "Gone", now - 4000000), ReportOf(1, "Serving", now - 498000),
                ReportOf(2, "Serving", now - 297000), ReportOf(3, "Running", now - 20000)};
  scene.explained = {cart};

  EntryReport held = EntryOf(0, "service", "held", seconds(4000));
  held.why = "absent from 1 complete read, needs a second one 42 s from now";
  held.found = true;
  EntryReport structure;
  structure.id = {"", "service", "dispatcher-cart"};
  structure.state = "right";
  structure.since = seconds(480);
  EntryReport failing = EntryOf(2, "target", "failing", std::nullopt);
  failing.why = "UNAVAILABLE: kong answered 503";
  scene.places = {{"consul",
                   {true,
                    {},
                    {held, EntryOf(1, "service", "right", seconds(489)),
                     EntryOf(2, "service", "right", seconds(279)), EntryOf(3, "service", "writing", {})}}},
                  {"kong", {true, {}, {structure, EntryOf(1, "target", "right", seconds(488)), failing}}},
                  {"vulcand", {true, {{0, "name cart is held by /shop"}}, {}}}};

  const auto profile = std::make_shared<Profile>();
  profile->names = {"cart"};
  profile->tags = {"showcase"};
  profile->hosts = {"cart.service.consul"};
  const auto service = std::make_shared<Service>();
  service->key = {"/cart", 0};
  service->profile = profile;
  for (int number = 1; number <= 3; ++number) {
    const auto instance = std::make_shared<Instance>();
    instance->task = CartTask(number);
    instance->address = "10.0.0." + std::to_string(number);
    instance->port = static_cast<uint16_t>(31000 + number);
    instance->condition = number == 3 ? Condition::kUnknown : Condition::kPassing;
    service->instances.push_back(instance);
  }
  scene.services = {service};
}

void AddDecisions(FakeSource& scene, WallMs now) {
  const auto decide = [&](int seconds_ago, NoteKind kind, const TaskId& task, const char* text,
                          const char* source = "catalog", const char* address = "") {
    scene.decisions.push_back({scene.decisions.size() + 1,
                               now - WallMs{1000} * seconds_ago,
                               source,
                               {kind, "/cart", task, text, address}});
  };
  decide(500, NoteKind::kPhase, CartTask(1), "Sighted -> Placed: its place is known");
  decide(498, NoteKind::kPhase, CartTask(1), "Placed -> Running: TASK_RUNNING");
  decide(490, NoteKind::kPhase, CartTask(1), "Running -> Serving: all its health checks pass");
  decide(300, NoteKind::kPhase, CartTask(2), "Sighted -> Placed: its place is known");
  decide(297, NoteKind::kPhase, CartTask(2), "Placed -> Running: TASK_RUNNING");
  decide(280, NoteKind::kPhase, CartTask(2), "Running -> Serving: all its health checks pass");
  decide(279, NoteKind::kChanged, CartTask(2), "changed service 10.0.0.2:31002: it runs and is healthy",
         "consul", "10.0.0.2:31002");
  decide(270, NoteKind::kPhase, CartTask(0), "Serving -> Leaving: its kill was announced");
  decide(269, NoteKind::kRemoved, CartTask(0), "removed target 10.0.0.0:31000: its kill was announced",
         "kong", "10.0.0.0:31000");
  decide(262, NoteKind::kPhase, CartTask(0), "Leaving -> Gone: TASK_KILLED");
  decide(200, NoteKind::kHeld, "", "1 removal is held back: absent from 1 complete read", "consul");
  decide(150, NoteKind::kWrite, CartTask(2), "target 10.0.0.2:31002 fails: kong answered 503", "kong");
  decide(100, NoteKind::kPhase, CartTask(2), "Serving -> Unfit: a health check fails");
  decide(60, NoteKind::kPhase, CartTask(2), "Unfit -> Serving: all its health checks pass");
  decide(50, NoteKind::kRefused, "", "not published: name cart is held by /shop", "vulcand");
  decide(30, NoteKind::kPhase, CartTask(3), "Sighted -> Placed: its place is known");
  decide(20, NoteKind::kPhase, CartTask(3), "Placed -> Running: TASK_RUNNING");
}

void AddPlan(FakeSource& scene) {
  const auto entry = std::make_shared<Entry>();
  entry->service = {"/cart", 0};
  entry->address = "10.0.0.3:31003";
  Change add;
  add.id = {"", "service", "dispatcher:" + CartTask(3)};
  add.entry = entry;
  add.reason = "it is running";
  Change change = add;
  change.id = {"agent-2", "service", "dispatcher:" + CartTask(2)};
  change.there = true;
  change.reason = "its tags are others";
  Change remove;
  remove.op = Op::kDelete;
  remove.id = {"", "service", "dispatcher:old.1"};
  remove.reason = "TASK_KILLED";
  Change held = remove;
  held.id.id = "dispatcher:" + CartTask(0);
  held.entry = entry;
  held.held = true;
  held.reason = "absent from 1 complete read, needs a second one 42 s from now";
  scene.plans = {
      {"consul", true, {add, change, remove, held}, 0}, {"kong", true, {}, 44}, {"vulcand", false, {}, 0}};
}

void AddApps(FakeSource& scene) {
  for (const char* adapter : kAdapters) {
    scene.report.adapters.push_back(Registry(adapter));
    scene.standings.emplace_back(adapter, std::vector<AppStanding>());
  }
  const auto add = [&](const AppId& id, int instances, size_t running, std::string_view state = "known") {
    scene.apps.push_back(id);
    scene.summaries.push_back({id, state, instances, running, running});
    for (auto& [adapter, standings] : scene.standings) {
      standings.push_back(Stands(id, running, running));
    }
  };
  add("/cart", 4, 3);  // first: its places are FakeSource::places
  add("/billing/invoice", 4, 4);
  add("/legacy/report-generator-with-a-name-that-is-long-enough-to-wrap", 2, 2);
  add("/new", 2, 0, "learning");
  add("/search", 3, 3);
  for (int number = 1; number <= 6; ++number) {
    add("/web/part-" + std::to_string(number), number, static_cast<size_t>(number));
  }
  AppStanding& in_consul = scene.standings[0].second[0];
  in_consul.held = 1;
  AppStanding& in_kong = scene.standings[1].second[0];
  in_kong.failed = 1;
  in_kong.right = 2;
  AppStanding& in_vulcand = scene.standings[2].second[0];
  in_vulcand = {};
  in_vulcand.app = "/cart";
  in_vulcand.refused = 1;
  AppStanding orphan;
  orphan.app = "/old";
  orphan.held = 2;
  scene.standings[0].second.push_back(orphan);
}

}  // namespace

Scene::Scene() {
  const WallMs now = SystemClock().Wall();
  EngineReport& report = scene_.report;
  report.ready = true;
  report.degraded = {"consul: 3 removals are held back (3 unconfirmed): `dispatcher release` lets them go"};
  report.uptime = seconds(5400);
  report.marathon_version = "1.8.222";
  report.catalog.apps = 11;
  report.catalog.tasks = 34;
  report.catalog.running = 33;
  report.catalog.leader = "10.0.0.1:8080";
  report.services = 12;
  report.stream.now.connected = report.stream.now.attached = true;
  report.stream.now.url = "http://10.0.0.1:8080";
  report.stream.now.connects = 2;
  report.stream.now.frames = 1234;
  report.stream.silent_for = seconds(4);
  report.reads.last_snapshot_age = seconds(33);
  report.reads.next_snapshot_in = seconds(27);
  AddApps(scene_);
  scene_.report.adapters[0].state.held.resize(3);
  scene_.report.adapters[1].state.failed.resize(1);
  scene_.report.adapters[2].state.refusals = {"/cart: name cart is held by /shop"};
  scene_.report.adapters[2].latency = {};
  AddCart(scene_, now);
  AddDecisions(scene_, now);
  AddPlan(scene_);
  decided_ = scene_.decisions.size();
}

void Scene::Decide(const AppId& app, const TaskId& task, std::string text, NoteKind kind) {
  scene_.Decide({++decided_, SystemClock().Wall(), "catalog", {kind, app, task, std::move(text)}});
}

}  // namespace dispatcher::testing
