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
    if (instance.condition == Condition::kDraining) {
      rotation.leaving.push_back(i);
    } else if (!untold) {
      ++rotation.running;
      if (instance.condition == Condition::kCritical) {
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
      return std::tie(instance.since, instance.task);
    };
    const Want want_a = service.instances[a]->want, want_b = service.instances[b]->want;
    return want_a != want_b ? want_a == Want::kIfThere : order(a) < order(b);
  });
  rotation.unfit.resize(rotation.unfit.size() - rotation.kept);
  return rotation;
}

}  // namespace dispatcher::reconcile
