#include "dispatcher/reconcile/rotation.h"

#include <algorithm>
#include <tuple>

namespace dispatcher::reconcile {

Rotation Rotate(const Service& service, int panic_threshold_percent) {
  Rotation rotation;
  size_t fit = 0;
  for (uint32_t i = 0; i < service.instances.size(); ++i) {
    const Instance& instance = *service.instances[i];
    const bool untold = instance.want == Want::kIfThere && instance.condition == Condition::kUnknown;
    if (instance.want == Want::kNo ||
        (instance.address.empty() && instance.condition != Condition::kDraining)) {
      continue;
    }
    const bool draining = instance.condition == Condition::kDraining;
    if (draining && !instance.hinted) {
      rotation.leaving.push_back(i);
    } else if (!untold) {
      ++rotation.running;
      if (instance.condition == Condition::kCritical || draining) {
        rotation.unfit.push_back(i);
      } else {
        ++fit;
      }
    }
  }
  const auto percent = static_cast<size_t>(std::clamp(panic_threshold_percent, 0, 100));
  rotation.least = (rotation.running * percent + 99) / 100;
  rotation.kept = rotation.least > fit ? rotation.least - fit : 0;
  std::sort(rotation.unfit.begin(), rotation.unfit.end(), [&](uint32_t a, uint32_t b) {
    const auto order = [&](uint32_t i) {
      const Instance& instance = *service.instances[i];
      // What is hinted at is well so far.
      const int rank = instance.hinted ? 2 : instance.want == Want::kIfThere ? 0 : 1;
      return std::tuple(rank, instance.since, std::string_view(instance.task));
    };
    return order(a) < order(b);
  });
  rotation.unfit.resize(rotation.unfit.size() - rotation.kept);
  return rotation;
}

}  // namespace dispatcher::reconcile
