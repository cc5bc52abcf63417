// The contract of a registry: all that the reconciler asks of Consul, Vulcand,
// Kong and what comes next. adapters/README.md tells how to write one; the suite
// in tests/contract is what a new one has to pass.
//
// An adapter holds no policy, no timers and no queue. It may remember what it saw
// in the registry (ids of nodes, versions) as long as it survives being wrong.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "adapters/adoption.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

enum class Tier : uint8_t { kDiscovery, kRouter, kGateway };

struct Traits {
  std::string type;  // "consul"
  Tier tier = Tier::kDiscovery;
  size_t batch = 1;     // changes a Write call takes at most
  int parallelism = 1;  // Write calls at once (never two on one service)
  bool atomic = false;  // a batch is applied whole or not at all
  bool lanes = false;   // parts fail alone; Write gets changes of one lane only
  // An instance's entry is its task's alone: whoever else writes, deleting it takes
  // nothing away that belongs to another task.
  bool own_entries = false;
  size_t watches = 0;  // things that Watch can wait for; without lanes only
};

// A name, route or listener that may belong to one app only.
struct Claim {
  SharedString what;    // "name web", "host web.example.com"
  bool shared = false;  // all holders agree to share it
  auto operator<=>(const Claim&) const = default;
};

struct Rendered {
  std::vector<Entry> structure;  // beside the instances
  std::vector<Claim> claims;
  std::string refusal;    // not "": not published here, in words
  bool published = true;  // false without a refusal: this adapter is not asked to
  std::string unasked;    // ... and why it is not, with a remedy; shown, and nothing is wrong
};

// The lock under which writes are made.
struct Fence {
  std::string session;  // that holds it; "": there is no lock, or one that can't be checked
  bool alone = true;    // false: another may be writing, too: delete only what was asked for
};

struct WatchAnswer {
  uint64_t index = 0;  // to ask from the next time; lower than before: the registry lost its data
  uint64_t state = 0;  // another one than before: something changed, though it may be nothing of ours
};

class Adapter {
 public:
  virtual ~Adapter() = default;

  virtual Traits GetTraits() const = 0;

  // Pure, any thread: what a service and an instance of it look like here.
  // Render(service, instance) is called only if Render(service) was published.
  virtual Rendered Render(const Service& service) const = 0;
  virtual std::vector<Entry> Render(const Service& service, const Instance& instance) const = 0;

  // The lanes that hold something of ours or could: {""} where there is only one.
  virtual absl::StatusOr<std::vector<std::string>> Lanes(const Cancel& cancel) = 0;

  // Every entry with our mark in that lane, in the form that Render gives them, in
  // any order. Complete if and only if OK: an answer that may have been filtered
  // (a powerless token) is PermissionDenied, never an empty OK.
  virtual absl::Status Read(std::string_view lane, const Cancel& cancel,
                            absl::FunctionRef<void(Entry)> visit) = 0;

  // Carries out changes of one lane, one status each, in the same order. Safe to
  // repeat: a put of what is there and a delete of what is not are OK. Says what
  // to do next by code:
  //   Unavailable, DeadlineExceeded, Aborted, Unknown   the same again, later
  //   InvalidArgument, FailedPrecondition               pointless until it changes
  //   PermissionDenied, Unauthenticated                 pause the lane
  //   Cancelled                                         broken off: by `cancel`, or the lock is not ours
  // No write starts after `deadline`. Never touches an entry without our mark.
  // Called from up to Traits::parallelism threads at once.
  virtual std::vector<absl::Status> Write(std::string_view lane, std::span<const Change> changes,
                                          Mono deadline, const Cancel& cancel) = 0;

  // Waits until something that Read shows may have changed since `since`, the index of an
  // earlier answer for the same thing (a number below Traits::watches); 0 answers at once.
  // About a minute at most. Never in a hurry: the caller sees to the pace. From one thread
  // for each thing.
  virtual absl::StatusOr<WatchAnswer> Watch(size_t /*thing*/, uint64_t /*since*/, const Cancel& /*cancel*/) {
    return absl::UnimplementedError("this registry can't be watched");
  }

  // The framework that new entries are marked with; any thread, before Render.
  virtual void SetFramework(std::string_view framework) = 0;

  // For the Write calls that begin from now on; any thread.
  virtual void SetFence(const Fence& /*fence*/) {}

  // Takes over what `request.from` made by other means, as far as ours stands in its
  // place already or can be put there without a gap in traffic; says of each of its
  // objects, and of each that looks like one, what became of it. Idempotent. The one
  // call that touches entries without our mark; may run beside Read and Write.
  virtual std::vector<Adoption> Adopt(const AdoptionRequest& /*request*/, const Cancel& /*cancel*/) {
    return {};
  }
};

}  // namespace dispatcher
