// What a Kong without tags (before 1.1) can't hold: which task a target is, the name
// that labels give, the framework. What was rendered last stands in for it when the registry
// is read; a target that was not rendered yet has a task that nobody knows, so that
// the next pass puts it, which writes nothing and settles it.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "dispatcher/base/mutex.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// Any thread.
class Uncarried {
 public:
  // As it was rendered. Structure without a name and targets alike.
  void Remember(const Entry& entry) {
    const auto name = entry.fields.find("name");
    MutexLock lock(mutex_);
    known_[entry.id] = {entry.service, entry.task, entry.framework,
                        name == entry.fields.end() ? "" : name->second};
  }

  // Fills in what the registry does not say of `entry`.
  void Complete(Entry& entry) const {
    MutexLock lock(mutex_);
    const auto found = known_.find(entry.id);
    if (found != known_.end()) {
      entry.service = found->second.service;
      entry.task = found->second.task;
      entry.framework = found->second.framework;
      if (!found->second.name.empty()) {
        entry.fields["name"] = found->second.name;
      }
    } else if (!entry.address.empty()) {
      entry.task = "unknown task at " + entry.address;
    }
  }

  void Clear() {
    MutexLock lock(mutex_);
    known_.clear();
  }

 private:
  struct Known {
    ServiceKey service;
    std::string task, framework, name;
  };
  mutable Mutex mutex_;
  std::map<EntryId, Known> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
