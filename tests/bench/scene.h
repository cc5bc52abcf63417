// A registry of any kind, a Marathon and the dispatcher between them, with a tap on each of the
// two wires; beside them a bare client with apps of its own in the same registry, and its tap.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dispatcher/base/status.h"
#include "tests/bench/apps.h"
#include "tests/bench/ledger.h"
#include "tests/bench/marathon.h"
#include "tests/bench/pace.h"
#include "tests/bench/registry.h"
#include "tests/bench/subject.h"
#include "tests/bench/tap.h"

namespace dispatcher::bench {

struct Scene {
  // Two tasks an app. The bare client's apps are written, the dispatcher is just started.
  static absl::StatusOr<std::unique_ptr<Scene>> Set(std::unique_ptr<Registry> registry, int apps,
                                                    int bare_apps,
                                                    const std::vector<std::string>& settings = {});

  // Waits until the registry holds what the dispatcher's apps are, no more and no less, and has
  // not been written to for a quarter of a second. The last write's answer.
  absl::StatusOr<Mono> Settled();
  // The same of the bare client's.
  absl::StatusOr<Mono> BareSettled();

  // A replacement of each: by an event, and by the bare client.
  Registered AtPace(int count, Duration apart);
  absl::StatusOr<Registered> BareAtPace(int count, Duration apart);

  // One task of each app replaced at once: seconds until the last write's answer.
  absl::StatusOr<double> Burst();
  absl::StatusOr<double> BareBurst();

  std::unique_ptr<Registry> registry;
  Apps ours, bare;
  Marathon marathon;
  Ledger ledger, bare_ledger;
  Tap to_marathon, to_registry, bare_tap;
  double bare_first_sync = 0;  // seconds that the bare client needed for its apps
  Subject subject;

  Scene(std::unique_ptr<Registry> of, int apps, int bare_apps, const std::vector<std::string>& settings);

 private:
  absl::StatusOr<Mono> Await(const Tap& tap, const Apps& apps, bool of_bare);
};

}  // namespace dispatcher::bench
