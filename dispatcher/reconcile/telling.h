// How what was written is told: each change by itself while they are few, all together where
// they are many, so that a first sync of 60,000 entries is some lines and not the end of all
// that was decided before.
#pragma once

#include <optional>
#include <vector>

#include "absl/container/btree_map.h"
#include "dispatcher/model/note.h"
#include "dispatcher/reconcile/bucket.h"
#include "dispatcher/reconcile/reconciler.h"

namespace dispatcher::reconcile {

class Telling {
 public:
  // Whether one more may be told by itself; if so, it counts.
  bool Apart(Mono now);
  // One that may not.
  void Add(Deed deed, const SharedString& app, Mono now);

  // When what was added is due to be told: a second after the first of it, or, as long as more is
  // being written, ten. None: there is nothing.
  std::optional<Mono> DueAt(bool writing) const;
  // All of it, in few notes: a line for each of a few apps, else one for all of them.
  std::vector<Note> Take();

 private:
  struct Counts {
    size_t of[3] = {};  // by Deed
  };
  Bucket apart_{10, 50};
  absl::btree_map<SharedString, Counts> together_;
  Mono begun_{};
};

}  // namespace dispatcher::reconcile
