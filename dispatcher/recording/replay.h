// The same input once more: does the catalog decide the same?
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dispatcher/catalog/catalog.h"
#include "dispatcher/recording/recording.h"

namespace dispatcher {

struct Replayed {
  // Where it decided otherwise than recorded for the first time: "seq 12: decided then:
  // ...; decides now: ...". "" if nowhere.
  std::string difference;
  uint64_t decisions = 0;
  std::vector<std::shared_ptr<const Service>> services;  // in the end
};

// `visit`, where given, sees each step with what is decided now.
Replayed Replay(const Recording& recording,
                const std::function<void(const RecordedStep&, const std::vector<Note>&)>& visit = {});

}  // namespace dispatcher
