// Tells a story in disorder and compares what is then wanted with what a complete
// read says.
#pragma once

#include <cstdint>
#include <string>

#include "tests/property/shuffle.h"
#include "tests/property/story.h"
#include "tests/schedule/schedule.h"

namespace dispatcher {

// DISPATCHER_SEEDS, or so many that all stories take less than a minute.
uint64_t Seeds();
// DISPATCHER_FIRST_SEED, or 1.
uint64_t FirstSeed();
// Each dress of Marathon in its turn.
std::string ProfileOf(uint64_t seed);

struct Telling {
  StoryOptions story;
  Disorder disorder;
  int cut_percent = 0;   // after an event: the stream is cut, what is on its way is lost
  int slow_percent = 0;  // after an event: half a second passes
  Duration tombstone = CatalogPolicy().tombstone;
  bool few_dead = false;  // none that ended is listed as dead
  RouteWhen route_when = CatalogPolicy().route_when;
};

// In which order it reaches the catalog, and what is asked when.
schedule::Schedule ScheduleOf(const Telling& telling, const Story& story);

// "" or what is wrong, with the smallest schedule that shows it.
std::string Tell(const Telling& telling);

}  // namespace dispatcher
