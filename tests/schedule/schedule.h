// A schedule: in which order what Marathon said and answered reaches the catalog.
//
// The tables, the random stories, the exhaustive search and the fuzzer all make
// schedules; Stage plays them, Oracle watches, Shrink makes a failing one small and
// Replay prints it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/catalog/policy.h"
#include "dispatcher/marathon/codec/event.h"
#include "tests/schedule/answers.h"

namespace dispatcher::schedule {

// All there is to hear: what Marathon published, in that order, and what its REST
// API answered at each moment.
struct Tale {
  struct Said {
    std::string json;     // the event's data
    std::string emitter;  // Marathon keeps the order within one, and none between two
    mutable std::shared_ptr<const absl::StatusOr<DecodedEvent>> decoded = nullptr;  // when it was first told
  };
  std::string name;
  std::vector<Said> events;
  std::vector<std::shared_ptr<const Answers>> moments;  // moments[n]: when n events were published
  std::vector<size_t> breaks;  // before these events every stream ended: the leader had gone
};

// Of a world's history: `as_of(n)` is the world when it had published n events.
template <typename AsOf>
std::shared_ptr<const Tale> TaleOf(std::string name, const std::vector<world::Event>& events, AsOf as_of) {
  auto tale = std::make_shared<Tale>();
  tale->name = std::move(name);
  for (const world::Event& event : events) {
    tale->events.push_back({event.json, event.emitter});
  }
  const world::World* last = nullptr;
  for (size_t n = 0; n <= events.size(); ++n) {
    const world::World& w = as_of(n);
    tale->moments.push_back(&w == last ? tale->moments.back() : std::make_shared<WorldAnswers>(w));
    last = &w;
  }
  return tale;
}

struct Act {
  enum class Kind : uint8_t {
    kAttach,    // the stream is up, as of moment `at`; one before it was lost
    kLose,      // the stream is cut
    kEvent,     // event `index` arrives
    kBegin,     // the oldest read that is wanted and due goes out; answered as of moment `at`
    kEnd,       // the answer to read `index` of those under way arrives whole
    kFail,      // ... breaks off: what came of it counts, its end says so
    kAnswer,    // whatever is wanted and due is asked and answered at once, as of `at`
    kSnapshot,  // a complete snapshot, wanted or not, as of `at`
    kPass,      // `time` passes
    kSettle,    // time passes and reads are answered as of `at` until none is wanted
  };
  Kind kind = Kind::kPass;
  size_t index = 0;
  size_t at = 0;  // but not before the latest moment of anything played
  Duration time{};
  bool foreign = false;  // the read is answered by a node that is not the stream's leader
  bool operator==(const Act&) const = default;
};

struct Schedule {
  std::shared_ptr<const Tale> tale;
  CatalogPolicy policy;
  std::vector<Act> acts;
};

std::string ToText(const Act& act);
// One line for each act, events with their type.
std::string ToText(const Schedule& schedule);

}  // namespace dispatcher::schedule
