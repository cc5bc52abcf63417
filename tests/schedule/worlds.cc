#include "tests/schedule/worlds.h"

#include <functional>
#include <set>

#include "tests/schedule/chronicle.h"

namespace dispatcher::schedule {
namespace {

// That there is one app at least: no apps at all is never believed.
constexpr const char* kBystander = R"({"id":"/other","cmd":"x","instances":0})";
constexpr const char* kOne = R"({"id":"/web","cmd":"x","instances":1,"ports":[0]})";
constexpr const char* kTwo = R"({"id":"/web","cmd":"x","instances":2,"ports":[0]})";
constexpr const char* kChecked = R"({"id":"/web","cmd":"x","instances":1,"ports":[0],
  "healthChecks":[{"protocol":"HTTP","path":"/","portIndex":0,"gracePeriodSeconds":1,"intervalSeconds":1,
                   "maxConsecutiveFailures":0}]})";

using Deed = std::function<void(world::World&)>;
using Speakers = std::set<std::string, std::less<>>;

// Of a tale what is told from event `begin` on by these kinds of emitters: the
// others' events say nothing to the catalog here.
std::shared_ptr<const Tale> Excerpt(const Tale& tale, size_t begin, const Speakers& speakers) {
  auto excerpt = std::make_shared<Tale>();
  excerpt->name = tale.name;
  excerpt->moments.push_back(tale.moments[begin]);
  for (size_t i = begin; i < tale.events.size(); ++i) {
    const std::string& emitter = tale.events[i].emitter;
    if (!speakers.contains(emitter.substr(0, emitter.find(':')))) {
      continue;
    }
    const auto& answers = tale.moments[i + 1];
    if (answers->Info().leader != excerpt->moments.back()->Info().leader) {
      excerpt->breaks.push_back(excerpt->events.size());
      excerpt->moments.back() = answers;  // whoever attaches now finds the new one
    }
    excerpt->events.push_back({tale.events[i].json, emitter});
    excerpt->moments.push_back(answers);
  }
  excerpt->moments.back() = tale.moments.back();
  return excerpt;
}

// `before` is over when the tale begins.
std::shared_ptr<const Tale> Tell(const std::string& name, const world::WorldOptions& options,
                                 const Deed& before, const Deed& deed, const Speakers& speakers) {
  Chronicle chronicle(options);
  chronicle.world().Post(kBystander);
  before(chronicle.world());
  chronicle.world().Settle();
  chronicle.Run(0);
  chronicle.Begin();
  deed(chronicle.world());
  chronicle.Run(3000);
  return Excerpt(*chronicle.Tell(name + " (" + options.profile + ")"), chronicle.begin(), speakers);
}

std::string OneTask(const world::World& w) { return w.Running().front().task; }

}  // namespace

std::vector<SmallWorld> SmallWorlds() {
  const auto nothing = [](world::World&) {};
  const auto post = [](const char* app) { return [app](world::World& w) { w.Post(app); }; };
  const auto fail = [](world::World& w) { w.TaskEnded(OneTask(w), "TASK_FAILED", "x"); };
  world::WorldOptions v14{.profile = "1.4"}, v18{.profile = "1.8"};
  v14.heavy_plans = v18.heavy_plans = false;
  world::WorldOptions same_port = v18;
  same_port.lowest_port = true;
  same_port.hosts = {"10.0.0.1"};
  world::WorldOptions leaders = v18;
  leaders.standbys = {"127.0.0.2:8080"};
  world::WorldOptions slow_probes = leaders;
  slow_probes.probe_ms = 900;
  const Speakers instances = {"instance"}, all = {"instance", "health", "deployment", "app"};

  world::WorldOptions announced = v18;
  announced.task_killing = true;
  world::WorldOptions v13{.profile = "1.3"};
  const auto scale = [](int n) { return [n](world::World& w) { w.Scale("/web", n); }; };
  const auto change = [](world::World& w) { w.Put("/web", R"({"labels":{"a":"b"}})"); };
  const auto remove = [](world::World& w) { w.Delete("/web"); };
  const auto remake = [](world::World& w) {
    w.Delete("/web");
    w.Settle();
    w.Post(kOne);
  };
  const auto sick = [](world::World& w) {
    w.AdvanceBy(5);
    const std::string task = OneTask(w);
    w.SetSick(task, true);
    w.AdvanceBy(50);
    w.SetSick(task, false);
  };
  const auto away = [](world::World& w) {
    const std::string task = OneTask(w);
    w.Unreachable(task);
    w.AdvanceBy(5);
    w.Return(task);
  };
  const auto lead = [](world::World& w) {
    w.AdvanceBy(5);
    w.LeaderDown();
    w.AdvanceBy(100);
    w.LeaderUp();
  };
  const auto fail_and_lead = [fail, lead](world::World& w) {
    fail(w);
    lead(w);
  };
  const auto fall_sick_and_lead = [lead](world::World& w) {
    w.AdvanceBy(5);
    w.SetSick(OneTask(w), true);
    lead(w);
  };

  return {
      {Tell("an app starts", v18, nothing, post(kOne), all), {.fails = 1, .passes = 1}},
      {Tell("two tasks start", v14, nothing, post(kTwo), instances), {.cuts = 1}, true},
      {Tell("two tasks start", v18, nothing, post(kTwo), instances), {}},
      {Tell("kill and replace", v13, post(kOne), fail, instances), {.cuts = 1, .fails = 1, .at_once = 2}},
      {Tell("kill and replace", v14, post(kOne), fail, instances), {.cuts = 1, .fails = 1}},
      {Tell("kill and replace", v18, post(kOne), fail, instances),
       {.cuts = 1, .foreign = 1, .at_once = 2},
       true},
      {Tell("kill and replace one of two", v18, post(kTwo), fail, instances),
       {.cuts = 1, .foreign = 1},
       true},
      {Tell("port reuse", same_port, post(kOne), fail, instances), {.cuts = 1, .fails = 1}},
      {Tell("scale down", announced, post(kTwo), scale(1), all), {.cuts = 1}, true},
      {Tell("an upgrade", v14, post(kOne), change, all), {.passes = 1}},
      {Tell("an upgrade", v18, post(kOne), change, instances), {.fails = 1}},
      {Tell("an app is deleted", v18, post(kTwo), remove, all), {}},
      {Tell("deleted and made anew", v14, post(kOne), remake, {"instance", "app"}), {}},
      {Tell("sick and well", v18, post(kChecked), sick, {"health"}), {.cuts = 1, .fails = 1, .foreign = 1}},
      {Tell("unreachable and back", v18, post(kOne), away, instances), {}},
      {Tell("unreachable and back", v13, post(kOne), away, instances), {.cuts = 1, .foreign = 1}},
      {Tell("another leader, a task fails", leaders, post(kOne), fail_and_lead, instances),
       {.cuts = 1, .fails = 1}},
      {Tell("another leader, a task falls sick", slow_probes, post(kChecked), fall_sick_and_lead,
            {"instance", "health"}),
       {.cuts = 1, .fails = 1}},
  };
}

}  // namespace dispatcher::schedule
