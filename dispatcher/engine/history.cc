#include "dispatcher/engine/history.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dispatcher {

void History::Add(std::string_view source, std::vector<Note> notes) {
  const WallMs at = clock_.Wall();
  MutexLock lock(mutex_);
  for (Note& note : notes) {
    kept_.push_back({++last_, at, std::string(source), std::move(note)});
  }
  while (kept_.size() > capacity_) {
    kept_.pop_front();
  }
  changed_.NotifyAll();
}

std::vector<Decision> History::Take(const DecisionQuery& query) const {
  const uint64_t above = query.after > last_ ? 0 : query.after;
  std::vector<Decision> found;
  for (auto it = kept_.rbegin(); it != kept_.rend() && it->number > above && found.size() < query.limit;
       ++it) {
    if (it->at >= query.since && (query.app.empty() || it->note.app == query.app)) {
      found.push_back(*it);
    }
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<Decision> History::Find(const DecisionQuery& query) const {
  MutexLock lock(mutex_);
  return Take(query);
}

std::vector<Decision> History::WaitAfter(uint64_t after, size_t limit, Mono until) const {
  MutexLock lock(mutex_);
  while (last_ == after && members_ > 0 && changed_.WaitUntil(mutex_, until)) {
  }
  return Take({after, limit, "", 0});
}

void History::Join() {
  MutexLock lock(mutex_);
  ++members_;
}

void History::Leave() {
  MutexLock lock(mutex_);
  --members_;
  changed_.NotifyAll();
}

}  // namespace dispatcher
