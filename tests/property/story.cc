#include "tests/property/story.h"

#include <algorithm>

#include "dispatcher/base/json.h"

namespace dispatcher {

uint64_t Random::Next() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 0x2545f4914f6cdd1dULL;
}

Story::Story(const StoryOptions& options) : options_(options) {
  Random random(options.seed);
  world::WorldOptions world;
  world.profile = options.profile;
  world.seed = options.seed;
  world.task_killing = random.Chance(50);
  world.lowest_port = random.Chance(50);
  world.store_lag_ms = random.Chance(30) ? 40 : 0;
  world.hosts = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
  if (options.named_agents) {
    world.hosts = {"agent1=10.0.0.1", "agent2=10.0.0.2", "agent3=10.0.0.3"};
  }
  if (options.leaders_fail) {
    world.standbys = {"127.0.0.2:8080", "127.0.0.3:8080"};
  }
  world.heavy_plans = false;
  world::World w(world);
  history_.emplace(0, w);
  for (int i = 0; i < options.actions; ++i) {
    Act(w, random);
    Run(w, random.Chance(40) ? 1000 : random.Below(60));
  }
  Run(w, 5'000);
  history_.insert_or_assign(w.LastEventId(), w);
  events_ = w.Events();
}

void Story::Run(world::World& w, WallMs ms) {
  const WallMs end = w.now() + ms;
  history_.insert_or_assign(w.LastEventId(), w);
  for (std::optional<WallMs> due = w.NextDue(); due.has_value() && *due <= end; due = w.NextDue()) {
    const uint64_t before = w.LastEventId();
    w.Advance(*due);
    if (w.LastEventId() != before) {
      history_.insert_or_assign(w.LastEventId(), w);
    }
  }
}

const world::World& Story::As(uint64_t id) const {
  const auto it = history_.lower_bound(id);
  return it == history_.end() ? End() : it->second;
}

std::string Story::RandomApp(const std::string& id, Random& random) {
  JsonWriter json;
  json.BeginObject().Field("id", id).Field("instances", 1 + random.Below(3)).Field("cmd", "serve");
  if (options_.residents && random.Chance(20)) {
    json.Key("residency").BeginObject().EndObject();
  }
  const int ports = 1 + random.Below(2);
  if (options_.own_addresses && random.Chance(60)) {
    // Every other port has one of the agent's too.
    json.Key("ipAddress").BeginObject().Field("networkName", "n").EndObject();
    json.Key("container").BeginObject().Field("type", "DOCKER").Key("docker").BeginObject();
    json.Field("image", "web").Field("network", "USER").Key("portMappings").BeginArray();
    for (int i = 0; i < ports; ++i) {
      json.BeginObject().Field("containerPort", 8080 + i);
      if (i % 2 == 1) {
        json.Field("hostPort", 0);
      }
      json.EndObject();
    }
    json.EndArray().EndObject().EndObject();
  } else if (random.Chance(50)) {
    json.Key("container").BeginObject().Field("type", "DOCKER").Key("docker").BeginObject();
    json.Field("image", "web").Field("network", "BRIDGE").Key("portMappings").BeginArray();
    for (int i = 0; i < ports; ++i) {
      json.BeginObject().Field("containerPort", 8080 + i).Field("hostPort", 0).EndObject();
    }
    json.EndArray().EndObject().EndObject();
  } else {
    json.Key("ports").BeginArray();
    for (int i = 0; i < ports; ++i) {
      json.Int(0);
    }
    json.EndArray();
  }
  json.Key("healthChecks").BeginArray();
  for (int i = random.Below(3); i > 0; --i) {
    json.BeginObject()
        .Field("protocol", "HTTP")
        .Field("path", "/h" + std::to_string(i))
        .Field("portIndex", 0);
    json.Field("gracePeriodSeconds", 1)
        .Field("intervalSeconds", 1)
        .Field("maxConsecutiveFailures", 0)
        .EndObject();
  }
  json.EndArray();
  json.Key("labels").BeginObject().Field("build", std::to_string(random.Below(1000))).EndObject().EndObject();
  return json.Take();
}

void Story::Act(world::World& w, Random& random) {
  const std::vector<std::string> ids = {"/a", "/b", "/g/c"};
  const std::string& id = ids[static_cast<size_t>(random.Below(3))];
  const bool exists = w.AppJson(id).has_value();
  const std::vector<world::LiveTask> running = w.Running();
  const std::string task =
      running.empty() ? ""
                      : running[static_cast<size_t>(random.Below(static_cast<int>(running.size())))].task;
  const auto did = [&](const std::string& what) { deeds_.append(what).append("; "); };
  if (options_.leaders_fail && random.Chance(20)) {
    w.LeaderDown();
    Run(w, random.Below(200));
    breaks_.push_back(w.LastEventId());
    w.LeaderUp();
    did("another leader");
    return;
  }
  if (!exists) {
    w.Post(RandomApp(id, random));
    did("post " + id);
    return;
  }
  switch (random.Below(options_.agents_fail ? 9 : 7)) {
    case 0:
      w.Scale(id, random.Below(4), true);
      did("scale " + id);
      break;
    case 1:
      w.Put(id, RandomApp(id, random), true);
      did("upgrade " + id);
      break;
    case 2:
      w.Restart(id, true);
      did("restart " + id);
      break;
    case 3:
      w.Delete(id, true);
      did("delete " + id);
      break;
    case 4:
      w.TaskEnded(task, "TASK_FAILED", "oops");
      did("fail " + task);
      break;
    case 5:
      w.AdvanceBy(1);  // no check has two results in one millisecond
      w.SetSick(task, true);
      did("sick " + task);
      break;
    case 6:
      w.AdvanceBy(1);
      w.SetSick(task, false);
      did("well " + task);
      break;
    case 7:
      w.Unreachable(task);
      did("unreachable " + task);
      break;
    default:
      for (const world::LiveTask& lost : w.Alive()) {
        if (lost.life.starts_with("Unreachable")) {
          w.Return(lost.task);
          did("return " + lost.task);
        }
      }
  }
}

}  // namespace dispatcher
