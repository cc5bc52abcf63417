// What is known, and how it is known. Plain values that merge.h changes and
// judge.h reads; nothing here draws a conclusion.
#pragma once

#include <algorithm>
#include <cstdint>
#include <forward_list>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/rare.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/catalog/policy.h"
#include "dispatcher/catalog/ports.h"
#include "dispatcher/model/definition.h"
#include "dispatcher/model/observation.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

enum class Source : uint8_t {
  kNone,
  kStatusUpdate,
  kInstanceChanged,
  kHealthEvent,
  kKillEvent,
  kRead,
  kDeployment,
  kAddress
};
std::string_view Name(Source source);

// A place in time as Marathon sees it: which leader's stream, and that leader's
// clock. Later stamps win; another leader's clock is never compared.
struct Stamp {
  uint32_t generation = 0;
  WallMs at = 0;
  auto operator<=>(const Stamp&) const = default;
};

inline constexpr WallMs kNoStamp = std::numeric_limits<WallMs>::max();  // after all that is stamped

// Facts of one task id. `seq` is a position in the inbox; for a fact out of a read
// it is that of the last envelope before the request went out.
struct TaskFacts {
  Life life = Life::kUnknown;
  Source life_source = Source::kNone;
  bool ready = false;   // readiness checks passed
  bool absent = false;  // a read that may say so did not list it
  Why absent_why = Why::kAbsent;
  bool kill_announced = false;
  std::optional<bool> mesos_healthy;  // pods: this container's health, from a read
  uint64_t mesos_seq = 0;             // of the read that told mesos_healthy; 0: not of the leader's
  uint64_t life_seq = 0;
  SharedString life_word;  // as it came
  WallMs staged_at = 0;    // as reads say
  WallMs running_at = 0;   // the earliest RUNNING that Marathon stamped

  Place place;
  SharedString version;
  WallMs version_at = 0;

  uint64_t last_seq = 0;      // of the last fact of any kind that showed it alive
  uint64_t seen_in_read = 0;  // number of the latest read that listed it
  uint64_t listed_seq = 0;    // of the latest read with authority that listed it alive

  Mono last_received{};  // of the last fact, for latency and explain

  // What is known only of one that leaves, may leave or left.
  struct Leaving {
    Mono doomed_since{};  // first sign that it is leaving; zero: none
    Mono unreachable_since{};
    Mono hinted_since{};  // Marathon repeated alone that it is Running (app_leave.cc); zero: never
    Mono gone_since{};
    uint64_t absent_seq = 0;  // since when it is absent; only a read begun later brings it back
    WallMs given_up_at = 0;   // the latest UNREACHABLE or LOST that Marathon stamped
    // The latest end that Marathon stamped, or kNoStamp; not 0 either if it has begun anew (merge.h).
    WallMs ended_at = 0;
    Mono listed_dead{};  // since when it is among the dead that are listed (graves.h); zero: it isn't
    uint32_t kill_generation = 0;  // in which the kill was announced
  };
  Rare<Leaving> leaving;
};

// Health is stored per instance id, because events name that. Two registers, the
// last word of the events and the last of the reads: neither alone can tell the
// state of an app with several checks.
struct HealthFacts {
  struct FromEvent {
    Stamp stamp;
    bool alive = false;
    bool definite = false;  // false: "not yet alive" is possible (instance_health_changed during grace)
    uint64_t seq = 0;       // where in the inbox it stood
  };
  struct FromRead {
    Stamp stamp;
    bool alive = false;
    uint32_t reported = 0;     // checks that did
    uint64_t begun_after = 0;  // the latest read that said so
  };
  std::optional<FromEvent> event;
  std::optional<FromRead> read;
  std::optional<Stamp> first_alive;  // the earliest sign of life: what never lived can't have failed softly
};

// What judge.h makes of a task; kept to see changes.
enum class Phase : uint8_t { kSighted, kPlaced, kRunning, kServing, kUnfit, kLeaving, kGone };
std::string_view Name(Phase phase);

struct Verdict {
  Phase phase = Phase::kSighted;
  Want want = Want::kIfThere;
  Why why = Why::kEvent;
  Condition condition = Condition::kUnknown;
  std::string_view reason;  // static text
  bool hinted = false;      // leaving on a hint alone
  bool operator==(const Verdict&) const = default;
};

struct Task {
  TaskFacts facts;
  Verdict verdict;
  Endpoints endpoints;       // one per declared port; empty while they can't be resolved
  SharedString trouble;      // why they can't
  bool read_wanted = false;  // a read would settle what is open
  bool fit = false;          // it serves, or would if no deployment held it back
  std::shared_ptr<const std::vector<std::shared_ptr<const Profile>>> profiles;  // of its version
  absl::InlinedVector<std::shared_ptr<const Instance>, 1> built;  // one per port, null where it has none

  bool Runs() const { return facts.life == Life::kRunning && verdict.phase != Phase::kGone; }
};

// The tasks of one instance by id, sorted. Nearly always one, so a list: a third of
// a map's memory. A task never moves.
class Tasks {
 public:
  using Entry = std::pair<const SharedString, Task>;
  using List = std::forward_list<Entry>;
  auto begin() { return list_.begin(); }
  auto end() { return list_.end(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  bool empty() const { return list_.empty(); }
  size_t size() const { return static_cast<size_t>(std::distance(begin(), end())); }
  List::iterator find(std::string_view id) {
    return std::find_if(begin(), end(), [id](const auto& task) { return task.first == id; });
  }
  // Made if there is none, then with a share in `id` if that is a SharedString.
  template <typename Id>
  Entry& Get(const Id& id) {
    auto before = list_.before_begin();
    for (auto it = begin(); it != end() && it->first <= id; ++it) {
      if (it->first == id) {
        return *it;
      }
      before = it;
    }
    return *list_.emplace_after(before, std::piecewise_construct, std::tuple<const Id&>(id), std::tuple());
  }
  template <typename Predicate>
  void EraseIf(Predicate predicate) {
    list_.remove_if(predicate);
  }

 private:
  List list_;
};

// An instance's id. Nearly always it is how the ids of its tasks begin, so it shares the
// string of the first of them.
class InstanceKey {
 public:
  explicit InstanceKey(std::string_view id) : InstanceKey(SharedString(id), id.size()) {}
  // The first `size` characters of `text`.
  InstanceKey(SharedString text, size_t size) : text_(std::move(text)), size_(size) {}
  std::string_view view() const { return text_.view().substr(0, size_); }
  friend std::strong_ordering operator<=>(const InstanceKey& a, const InstanceKey& b) {
    return a.view() <=> b.view();
  }
  friend std::strong_ordering operator<=>(const InstanceKey& a, std::string_view b) { return a.view() <=> b; }

 private:
  SharedString text_;
  size_t size_;
};

// Incarnations of one instance share its health.
struct InstanceFacts {
  HealthFacts health;
  bool ended = false;  // an instance_changed named it as ended; which incarnation, or task, is open
  uint64_t last_seq = 0;
  Stamp running_told;  // of the latest instance_changed Running
  // When a status_update TASK_RUNNING came of which the instance_changed is still out.
  Mono running_update{};
  Tasks tasks;
};

// A version of the definition with what follows from it.
struct Versioned {
  std::shared_ptr<const Definition> definition;
  std::shared_ptr<const std::vector<std::shared_ptr<const Profile>>> profiles;
  RouteWhen route_when = RouteWhen::kHealthy;
};

// One deployment as far as it concerns this app.
struct DeploymentFacts {
  uint64_t seq = 0;       // of its last event; of a read that listed it, the seq that it began after
  WallMs version_at = 0;  // of what it deploys; 0: not told
  std::string doing;      // "scale"; "" while only reads have named it, which tell its id alone
  int step = 0;           // 0: not known
  int steps = 0;
  bool may_kill = true;  // not if all it does to this app is to start it
  Mono since{};
  Mono
      failed_at{};  // zero: it runs. One that failed has deployed nothing, until a read shows that it is over
  bool failed() const { return failed_at != Mono{}; }
};

struct AppFacts {
  absl::btree_map<SharedString, Versioned> versions;
  SharedString current;      // key into versions; "" while it is not known
  uint64_t current_seq = 0;  // ReadMark::begun_after of the read that said so
  std::map<InstanceKey, InstanceFacts, std::less<>> instances;

  struct Deployments {
    absl::btree_map<std::string, DeploymentFacts> known;  // running and failed ones, by id
    std::vector<std::string> ended;  // the last few: a late doubled event of theirs is void
    // The last one that succeeded, and the version that it deployed.
    std::string succeeded;
    WallMs succeeded_version = 0;
    uint64_t succeeded_seq = 0;  // 0: none
  };
  Rare<Deployments> deployments;  // most apps had none since the start
  // Blue and green (app_deployments.cc); configurations are known by when they changed.
  WallMs front = 0;             // the oldest that is fit; 0: none is
  bool older_unknown = false;   // a task older than the current one runs, and what it is, is being asked for
  bool current_serves = false;  // some task of the current one is fit
  WallMs expect_version = 0;    // a deployment of this version was announced
  // The end of the app, and of the tasks that were started before it. A read begun
  // later that lists such a task overrules it; until then it stays ended, also when
  // an app of this name is made anew.
  SharedString stopping;  // id of the deployment that stops it; "" if none
  WallMs stopping_version = 0;
  uint64_t stopping_seq = 0;  // 0: nothing ever stopped it
  WallMs terminated_at = 0;
  uint64_t terminated_seq = 0;
  bool terminated = false;
  bool absent = false;  // a read that may say so did not list it
  bool whole = false;   // such a read did list it once: tasks not known are absent
  bool full = false;    // the last such read showed all its instances running
  bool undecodable = false;
  SharedString undecodable_why;
  bool tasks_read = false;    // the latest read that listed it listed its tasks too
  bool need_sent = false;     // the read it needs (below) was asked for
  bool need_delayed = false;  // ... for later
  int listed_running = 0;     // running tasks in the read that is under way
  int learning_tries = 0;
  uint64_t seen_in_read = 0;  // number of the latest read that listed it
  uint64_t told_in_read = 0;  // ... with authority, and all its tasks
  uint64_t last_seq = 0;      // of the last event that spoke of it as being there
  Mono gone_since{};          // terminated or absent since

  // The read it needs, if any: answered by one that began after this seq.
  uint64_t need_seq = 0;
  SharedString need_reason;
  Mono learning_since{};
  struct Versions {
    absl::btree_set<std::string> asked;        // no answer yet
    absl::btree_set<std::string> unavailable;  // Marathon has them no more
  };
  Rare<Versions> other_versions;  // that are not in `versions`

  const Versioned* Current() const {
    const auto it = versions.find(current);
    return it == versions.end() ? nullptr : &it->second;
  }
};

}  // namespace dispatcher
