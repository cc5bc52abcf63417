// Tells a story to a listener, in disorder, and compares what it then wants with
// what a fresh one learns from a complete read.
#pragma once

#include <cstdint>
#include <string>

#include "tests/property/listener.h"
#include "tests/property/shuffle.h"
#include "tests/property/story.h"

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
  RouteWhen route_when = CatalogPolicy().route_when;
};

Desired Truth(const world::World& w, RouteWhen route_when = CatalogPolicy().route_when);

// "" or what is wrong.
std::string Tell(const Telling& telling);

}  // namespace dispatcher
