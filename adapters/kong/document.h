// A DB-less Kong: all it holds is one document, and every write is that document
// anew. Only with `dbless: whole-file`, when it is ours alone.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "adapters/kong/read.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

using KongEntries = std::map<EntryId, Entry>;

// The declarative configuration with these entries, as JSON; equal entries give
// equal text, so that check_hash can see that nothing changed.
std::string KongDocumentText(const std::string& owner, const KongVersion& version,
                             const KongEntries& entries);

// Any thread; one write at a time.
class KongDocument {
 public:
  std::vector<absl::Status> Write(const KongSite& site, const KongVersion& version,
                                  std::span<const Change> changes, Mono deadline, const Cancel& cancel);

 private:
  // What is loaded there: read again unless Kong's hash says that it is still ours.
  absl::Status Refresh(const KongSite& site, const Cancel& cancel) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Load(const KongSite& site, const KongVersion& version, const KongEntries& wanted,
                    const Cancel& cancel) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  KongEntries loaded_ ABSL_GUARDED_BY(mutex_);
  std::string hash_ ABSL_GUARDED_BY(mutex_);  // "": not known (before 2.8 Kong tells none)
};

}  // namespace dispatcher
