// Taking over, in place, what others made before there was a dispatcher.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

class Adapter;

// Who made what is to be taken over.
enum class Maker : uint8_t {
  kScripts,  // the showcase's four scripts
  kAllegro,  // allegro/marathon-consul
  kOwner,    // a dispatcher of another owner
};

struct AdoptionRequest {
  Maker from = Maker::kScripts;
  // kAllegro: the tag that all of its entries have, its `consul-tag`. kOwner: that owner.
  std::string whose;
  // kOwner: this adapter as it would be with that owner.
  std::shared_ptr<Adapter> predecessor;
  // Those that are published here and have been written as far as they could be.
  std::vector<std::shared_ptr<const Service>> services;
  // Of these, the ones that a tier below does not have: requests would go nowhere.
  std::set<ServiceKey> unready;
  bool dry_run = false;  // change nothing, say what would be done
  Mono deadline{};       // no change begins after it
};

// What became of one object of others.
struct Adoption {
  enum class Outcome : uint8_t {
    kTaken,   // it is ours now, or ours stands in its place
    kWould,   // the same, in a dry run
    kLeft,    // it stays as it is
    kFailed,  // the registry did not do as it was asked: the same again may work
  };
  Outcome outcome = Outcome::kLeft;
  std::string what;  // "frontend web"
  std::string why;   // the reason, or how it was done
};

}  // namespace dispatcher
