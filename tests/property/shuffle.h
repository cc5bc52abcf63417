// What a network, many emitters and a lossy stream do to events.
#pragma once

#include <vector>

#include "tests/property/story.h"

namespace dispatcher {

struct Disorder {
  bool permute = true;     // across emitters; each emitter keeps its own order
  int double_percent = 0;  // the second copy comes any time later
  int drop_percent = 0;
};

// Indices into story.events(), in the order of delivery.
// Of the events first .. last-1.
std::vector<size_t> Shuffle(const Story& story, const Disorder& disorder, Random& random, size_t first,
                            size_t last);

}  // namespace dispatcher
