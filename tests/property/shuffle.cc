#include "tests/property/shuffle.h"

#include <deque>
#include <map>

namespace dispatcher {

std::vector<size_t> Shuffle(const Story& story, const Disorder& disorder, Random& random, size_t first,
                            size_t last) {
  std::map<std::string, std::deque<size_t>> queues;
  const std::vector<world::Event>& events = story.events();
  for (size_t i = first; i < last; ++i) {
    queues[disorder.permute ? events[i].emitter : ""].push_back(i);
  }
  std::vector<size_t> order;
  while (!queues.empty()) {
    auto queue = queues.begin();
    std::advance(queue, random.Below(static_cast<int>(queues.size())));
    if (!random.Chance(disorder.drop_percent)) {
      order.push_back(queue->second.front());
    }
    queue->second.pop_front();
    if (queue->second.empty()) {
      queues.erase(queue);
    }
  }
  std::vector<size_t> doubled = order;
  for (size_t i = 0; i < order.size(); ++i) {
    if (random.Chance(disorder.double_percent)) {
      const int later = static_cast<int>(i) + 1 + random.Below(static_cast<int>(order.size() - i));
      doubled.insert(doubled.begin() + std::min<std::ptrdiff_t>(later, std::ssize(doubled)), order[i]);
    }
  }
  return doubled;
}

}  // namespace dispatcher
