#include "dispatcher/catalog/merge.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {

std::string_view Name(Source source) {
  switch (source) {
    case Source::kNone:
      return "nothing";
    case Source::kStatusUpdate:
      return "status_update_event";
    case Source::kInstanceChanged:
      return "instance_changed_event";
    case Source::kHealthEvent:
      return "a health event";
    case Source::kKillEvent:
      return "an unhealthy kill event";
    case Source::kRead:
      return "a read";
    case Source::kDeployment:
      return "a deployment event";
    case Source::kAddress:
      return "its address being taken by another task";
  }
  return "";
}

int LifeRank(Life life) {
  switch (life) {
    case Life::kUnknown:
      return 0;
    case Life::kScheduled:
      return 1;
    case Life::kStaging:
      return 2;
    case Life::kStarting:
      return 3;
    case Life::kRunning:
      return 4;
    case Life::kUnreachable:
      return 5;
    case Life::kKilling:
      return 6;
    case Life::kLost:
      return 7;
    case Life::kTerminal:
      return 8;
  }
  return 0;
}

bool IsAlive(Life life) { return life != Life::kUnknown && LifeRank(life) < LifeRank(Life::kLost); }

bool MergeLife(TaskFacts& facts, Life life, SharedString word, Source source, uint64_t seq) {
  if (LifeRank(life) <= LifeRank(facts.life)) {
    // The same word again, but later: a read begun in between can't take it back.
    if (life == facts.life) {
      facts.life_seq = std::max(facts.life_seq, seq);
    }
    return false;
  }
  facts.life = life;
  facts.life_word = std::move(word);
  facts.life_source = source;
  facts.life_seq = seq;
  return true;
}

bool ReturnFromRead(TaskFacts& facts, Life seen, uint64_t begun_after) {
  const bool lost = facts.life == Life::kLost;
  const bool returns = (seen == Life::kRunning && (lost || facts.life == Life::kUnreachable)) ||
                       (seen == Life::kUnreachable && lost && facts.life_source != Source::kAddress);
  if (!returns || begun_after < facts.life_seq) {
    return false;
  }
  facts.life = seen;
  facts.life_word = seen == Life::kRunning ? "TASK_RUNNING" : "TASK_UNREACHABLE";
  facts.life_source = Source::kRead;
  facts.life_seq = begun_after;
  if (facts.leaving->doomed_since != Mono{}) {
    facts.leaving.Edit().doomed_since = {};
  }
  return true;
}

bool MergeEnd(TaskFacts& facts, WallMs at) {
  const WallMs ended_at = at == 0 ? kNoStamp : at;
  if (ended_at > facts.leaving->ended_at) {
    facts.leaving.Edit().ended_at = ended_at;
  }
  return at != 0 && at < std::max(facts.running_at, facts.staged_at);
}

bool OfLaterRun(const TaskFacts& facts, WallMs at) {
  const WallMs ended_at = facts.leaving->ended_at;
  return facts.life == Life::kTerminal && ended_at != 0 && at > ended_at;
}

bool OfEarlierRun(const TaskFacts& facts, WallMs at) {
  return facts.life != Life::kTerminal && at != 0 && at < facts.staged_at;
}

bool VoidIfEarlier(const TaskFacts& facts, Life life) {
  const bool begun_anew = facts.leaving->ended_at != 0;
  const bool runs = facts.life == Life::kRunning && !facts.absent;
  return begun_anew || life == Life::kKilling || (runs && LifeRank(life) <= LifeRank(Life::kRunning));
}

WhichRun RunOf(const TaskFacts& facts, const TaskSeen& seen) {
  if (facts.life == Life::kTerminal) {
    return IsAlive(seen.life) && OfLaterRun(facts, seen.staged_at) ? WhichRun::kLater : WhichRun::kSame;
  }
  if (seen.staged_at == 0 || facts.staged_at == 0 || seen.staged_at == facts.staged_at) {
    return WhichRun::kSame;
  }
  return seen.staged_at < facts.staged_at ? WhichRun::kEarlier : WhichRun::kLater;
}

void BeginAnew(TaskFacts& facts, WallMs staged_at) {
  TaskFacts next;
  next.last_received = facts.last_received;
  next.staged_at = staged_at;
  next.leaving.Edit().ended_at = std::max(facts.leaving->ended_at, facts.staged_at);
  facts = std::move(next);
}

bool MergePlace(TaskFacts& facts, SharedString host, const std::vector<int>& ports, Place::Ips ips) {
  bool changed = false;
  if (!host.empty() && facts.place.host != host) {
    facts.place.host = std::move(host);
    changed = true;
  }
  if (!ports.empty() && !std::ranges::equal(facts.place.ports, ports)) {
    facts.place.ports.assign(ports.begin(), ports.end());
    changed = true;
  }
  if (!ips.empty() && facts.place.ips != ips) {
    facts.place.ips = std::move(ips);
    changed = true;
  }
  return changed;
}

bool MergeVersion(TaskFacts& facts, SharedString version, WallMs at) {
  if (version.empty() || facts.version == version) {
    return false;
  }
  facts.version = std::move(version);
  facts.version_at = at;
  return true;
}

bool MergeRunningAt(TaskFacts& facts, WallMs at) {
  if (at == 0 || (facts.running_at != 0 && facts.running_at <= at)) {
    return false;
  }
  facts.running_at = at;
  return true;
}

namespace {

bool MarkAlive(HealthFacts& health, Stamp stamp) {
  if (health.first_alive.has_value() && *health.first_alive <= stamp) {
    return false;
  }
  health.first_alive = stamp;
  return true;
}

int Severity(const HealthFacts::FromEvent& event) { return event.alive ? 0 : event.definite ? 2 : 1; }

}  // namespace

bool MergeHealthEvent(HealthFacts& health, const HealthUpdate& update, uint32_t generation, uint64_t seq) {
  if (!update.alive.has_value()) {
    return false;  // Marathon does not know: the last known stands
  }
  const Stamp stamp{generation, update.at};
  bool changed = *update.alive && MarkAlive(health, stamp);
  // A failed probe is counted only after the grace period or the first success; a
  // verdict over all checks (whole) is false during the grace period too.
  const HealthFacts::FromEvent event{stamp, *update.alive, *update.alive || !update.whole || update.probe,
                                     seq};
  if (health.event.has_value()) {
    const HealthFacts::FromEvent& old = *health.event;
    // Of two words with one stamp the worse wins, so that their order is no matter.
    if (stamp < old.stamp || (stamp == old.stamp && Severity(event) <= Severity(old))) {
      return changed;
    }
  }
  health.event = event;
  return true;
}

bool MergeHealthRead(HealthFacts& health, const std::vector<CheckResult>& results,
                     std::optional<size_t> checks, uint32_t generation, uint64_t begun_after) {
  uint32_t reported = 0;
  bool alive = true;
  Stamp stamp{generation, 0};
  for (const CheckResult& result : results) {
    if (!result.counted) {
      continue;
    }
    ++reported;
    alive &= result.alive;
    stamp.at = std::max({stamp.at, result.last_success, result.last_failure});
  }
  if (reported == 0 || (alive && reported < checks.value_or(0))) {
    return false;
  }
  bool changed = alive && MarkAlive(health, stamp);
  if (health.read.has_value()) {
    HealthFacts::FromRead& old = *health.read;
    const bool same = stamp == old.stamp && old.alive == alive && old.reported >= reported;
    if (same) {
      old.begun_after = std::max(old.begun_after, begun_after);
    }
    if (stamp < old.stamp || same) {
      return changed;
    }
  }
  health.read = HealthFacts::FromRead{stamp, alive, reported, begun_after};
  return true;
}

void ForgetHealth(HealthFacts& health, WallMs until) {
  health.first_alive.reset();
  if (health.event.has_value()) {
    const HealthFacts::FromEvent event = *health.event;
    if (event.stamp.at <= until) {
      health.event.reset();
    } else if (event.alive) {
      health.first_alive = event.stamp;
    }
  }
  if (health.read.has_value() && health.read->stamp.at <= until) {
    health.read.reset();
  }
}

Health HealthOf(const HealthFacts& health, size_t checks, WallMs not_before) {
  if (checks == 0) {
    return Health::kPassing;
  }
  const auto counts = [not_before](const auto& fact) {
    return fact.has_value() && fact->stamp.at >= not_before;
  };
  const bool read = counts(health.read) && (!health.read->alive || health.read->reported >= checks);
  const bool event = counts(health.event) && (!read || health.read->stamp < health.event->stamp);
  if (!event) {
    return !read ? Health::kUnknown : health.read->alive ? Health::kPassing : Health::kFailing;
  }
  if (!health.event->alive) {
    const bool lived = health.first_alive.has_value() && health.first_alive->at >= not_before;
    return health.event->definite || lived || read ? Health::kFailing : Health::kUnknown;
  }
  // One check of several came alive; the others are not told. A read that began after
  // that word tells of all, though the results it shows are stamped a little earlier:
  // Marathon stamps the word when it publishes it (HealthCheckActor.scala).
  const bool all = read && health.read->alive && health.read->begun_after >= health.event->seq;
  return checks == 1 || all ? Health::kPassing : Health::kOpen;
}

int Incarnation(std::string_view task) {
  const size_t dot = task.rfind('.');
  if (dot == std::string_view::npos) {
    return 0;
  }
  return static_cast<int>(ParseInt(task.substr(dot + 1)).value_or(0));
}

}  // namespace dispatcher
