#include "dispatcher/base/string_pool.h"

#include <algorithm>

namespace dispatcher {

SharedString StringPool::Get(std::string_view text) {
  if (text.empty()) {
    return {};
  }
  if (const auto it = strings_.find(text); it != strings_.end()) {
    return *it;
  }
  if (strings_.size() >= sweep_at_) {
    absl::erase_if(strings_, [](const SharedString& string) { return string.unique(); });
    sweep_at_ = std::max<size_t>(256, 2 * strings_.size());
  }
  return *strings_.insert(SharedString(text)).first;
}

}  // namespace dispatcher
