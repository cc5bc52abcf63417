// A world in which the first sync is over: Consul, a Marathon, the dispatcher, and
// beside them the bare writer's own entries in the same catalog.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dispatcher/base/status.h"
#include "tests/bench/apps.h"
#include "tests/bench/bare_writer.h"
#include "tests/bench/marathon.h"
#include "tests/bench/subject.h"
#include "tests/support/consul_server.h"

namespace dispatcher::bench {

struct Stage {
  // `tasks` an app; `bare_apps` are those of the bare writer.
  static absl::StatusOr<std::unique_ptr<Stage>> Set(int apps, int bare_apps, int tasks = 2);

  Stage(std::unique_ptr<testing::ConsulServer> server, int apps, int bare_apps, int tasks);

  std::unique_ptr<testing::ConsulServer> consul;
  Apps ours, bare;
  BareWriter writer;
  Marathon marathon;
  Subject subject;
};

// OK once the catalog holds every task of the dispatcher's apps, and no other of its
// entries; else what it holds, and the dispatcher's log.
absl::Status Settled(Stage& stage);

// All at once. Seconds until the catalog holds what it should and changes no more: after
// these events, and after the same by the bare writer.
absl::StatusOr<double> CarryOut(Stage& stage, const std::string& frames);
absl::StatusOr<double> CarryOutBare(Stage& stage, const std::vector<Replacement>& replacements);

}  // namespace dispatcher::bench
