// One way of telling, of every seed's story.
#pragma once

#include "tests/property/tell.h"
#include "tests/support/catch.h"

namespace dispatcher {

// Seed and profile of the story are filled in.
inline void ForAll(Telling telling) {
  for (uint64_t seed = FirstSeed(); seed <= Seeds(); ++seed) {
    telling.story.seed = seed;
    telling.story.profile = ProfileOf(seed);
    const std::string wrong = Tell(telling);
    INFO(wrong);
    CHECK(wrong.empty());
  }
}

}  // namespace dispatcher
