// Which instances of a service get traffic in a router or gateway (rules 6 and 12).
// Discovery lists all of them, with their condition; a router sends requests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "dispatcher/model/service.h"

namespace dispatcher::reconcile {

// Places in Service::instances.
struct Rotation {
  // Leaving (being killed), or held back from traffic: out, whatever is left. Sorted.
  std::vector<uint32_t> leaving;
  // In bad health, unreachable, or draining on a hint alone: out once `least` others
  // are in. First those that may not be created again, then who has been so for
  // longest, the hinted last.
  std::vector<uint32_t> unfit;
  size_t running = 0;  // instances the threshold is a share of
  size_t least = 0;    // so many of them stay in rotation
  size_t kept = 0;     // in bad health, and in for that reason alone

  bool Leaves(uint32_t place) const { return std::binary_search(leaving.begin(), leaving.end(), place); }
  bool Unfit(uint32_t place) const { return std::find(unfit.begin(), unfit.end(), place) != unfit.end(); }
  bool Out(uint32_t place) const { return Leaves(place) || Unfit(place); }
};

// A pure function of the service: the same list gives the same answer, whoever was
// in before. Running are those that are wanted, have an address and don't leave; one
// of which only the id or no health is known yet counts for nothing, so that what it
// may turn out to be takes nobody out.
Rotation Rotate(const Service& service, int panic_threshold_percent);

}  // namespace dispatcher::reconcile
