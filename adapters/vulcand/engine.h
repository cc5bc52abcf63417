// The two ways into Vulcand: its API, or the etcd behind it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/vulcand/guards.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

// Any thread. Read and Write as in adapter.h.
class VulcandEngine {
 public:
  virtual ~VulcandEngine() = default;
  virtual size_t batch() const = 0;
  virtual int parallelism() const = 0;
  virtual absl::Status Read(const Cancel& cancel, absl::FunctionRef<void(Entry)> visit) = 0;
  virtual std::vector<absl::Status> Write(std::span<const Change> changes, Mono deadline,
                                          const Cancel& cancel) = 0;

  // For adoption alone: whosever it is, and whatever the guards would say.
  virtual std::unique_ptr<VulcandView> Look(const Cancel& cancel) = 0;
  // OK if Vulcand itself has it.
  virtual absl::Status Has(const EntryId& id, const Cancel& cancel) = 0;
  virtual absl::Status PutAnyway(const Entry& entry, const Cancel& cancel) = 0;
  virtual absl::Status DeleteAnyway(const EntryId& id, const Cancel& cancel) = 0;
  // A delete and a put, as close to each other as can be.
  virtual absl::Status Replace(const EntryId& theirs, const Entry& ours, const Cancel& cancel) {
    RETURN_IF_ERROR(DeleteAnyway(theirs, cancel));
    return PutAnyway(ours, cancel);
  }
  // False: with etcd v3 a delete takes along every id that begins with the one it names.
  virtual bool deletes_exactly() const = 0;
};

std::unique_ptr<VulcandEngine> MakeApiEngine(std::string owner, HttpClientOptions http);
// `root`: the key under which Vulcand keeps everything, with a slash at its end. `api`:
// Vulcand's own, asked at each Read whether it sees what is written there; if it does not
// answer, that is not known and no error.
std::unique_ptr<VulcandEngine> MakeEtcdEngine(std::string owner, std::string root, HttpClientOptions etcd,
                                              HttpClientOptions api);

// Calls `write` with the places of all changes in the order in which they are safe: puts
// by rank, so that a backend is there before its servers and its frontend, then deletes
// the other way round. Then again with the frontends that are Aborted in `results`, as long
// as they grow fewer: the route that one of ours holds may be given up by another change of
// the same call. Listeners wait for the next call: Vulcand closes a socket a moment after it
// has taken a listener away (swap.h).
void InRounds(std::span<const Change> changes, const std::vector<absl::Status>& results,
              absl::FunctionRef<void(const std::vector<size_t>&)> write);

// OK if the change is one of ours to make; rank and kind are known then.
absl::Status CheckOwn(std::string_view owner, const EntryId& id);

// True if the other side, or the etcd behind it, does not answer, so that asking on is
// pointless.
bool IsSilent(const absl::Status& status);

}  // namespace dispatcher
