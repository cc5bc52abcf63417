// A random history: a small world, an operator who does things to it, and
// everything Marathon said meanwhile. The same seed is the same story.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/world/world.h"

namespace dispatcher {

// xorshift64*: the same numbers everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  uint64_t Next();
  // 0 .. n-1
  int Below(int n) { return n <= 0 ? 0 : static_cast<int>(Next() % static_cast<uint64_t>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }

 private:
  uint64_t state_;
};

struct StoryOptions {
  uint64_t seed = 1;
  std::string profile = "1.8";
  int actions = 8;
  bool agents_fail = true;     // unreachable and back
  bool leaders_fail = false;   // another Marathon leads, health is forgotten
  bool named_agents = false;   // agents have names that must be resolved
  bool residents = true;       // some apps, whose tasks begin anew under their ids up to 1.4
  bool own_addresses = false;  // some apps on container networks, without ports of the agent
};

class Story {
 public:
  explicit Story(const StoryOptions& options);

  // In the order of publishing. Event i has id i + 1.
  const std::vector<world::Event>& events() const { return events_; }
  // The world when it had published `id` events or a few more.
  const world::World& As(uint64_t id) const;
  const world::World& End() const { return history_.rbegin()->second; }
  // Numbers of events after which a stream ended because its leader did.
  const std::vector<uint64_t>& breaks() const { return breaks_; }
  // What the operator did, for the message of a failing test.
  const std::string& deeds() const { return deeds_; }

 private:
  void Act(world::World& w, Random& random);
  void Run(world::World& w, WallMs ms);
  std::string RandomApp(const std::string& id, Random& random);

  std::vector<world::Event> events_;
  std::map<uint64_t, world::World> history_;  // by number of events published
  std::string deeds_;
  std::vector<uint64_t> breaks_;
  StoryOptions options_;
};

}  // namespace dispatcher
