#include "tests/bench/stage.h"

#include <utility>
#include <vector>

#include "tests/bench/catalog.h"

namespace dispatcher::bench {
namespace {

constexpr std::chrono::seconds kSettledWithin(120);

}  // namespace

Stage::Stage(std::unique_ptr<testing::ConsulServer> server, int apps, int bare_apps, int tasks)
    : consul(std::move(server)),
      ours("bench", apps, tasks),
      bare("floor", bare_apps, tasks),
      writer(consul->url()),
      marathon(ours),
      subject({"marathon.urls=" + marathon.url(), "adapters.consul.url=" + consul->url()}) {}

absl::StatusOr<std::unique_ptr<Stage>> Stage::Set(int apps, int bare_apps, int tasks) {
  ASSIGN_OR_RETURN(auto consul, testing::ConsulServer::Start());
  auto stage = std::make_unique<Stage>(std::move(consul), apps, bare_apps, tasks);
  RETURN_IF_ERROR(stage->writer.Send(BareWriter::Everything(stage->bare)));
  RETURN_IF_ERROR(Settled(*stage));
  return stage;
}

absl::Status Settled(Stage& stage) {
  LastChange last_change(stage.consul->url(), stage.consul->options().node);
  const absl::Status status = last_change.Await(stage.ours, kDispatcherOwner, kSettledWithin).status();
  return status.ok() ? status : Annotate(status, stage.subject.Log());
}

absl::StatusOr<double> CarryOut(Stage& stage, const std::string& frames) {
  LastChange last_change(stage.consul->url(), stage.consul->options().node);
  const Mono begun = stage.marathon.Emit(frames);
  const auto ended = last_change.Await(stage.ours, kDispatcherOwner, kSettledWithin);
  if (!ended.ok()) {
    return Annotate(ended.status(), stage.subject.Log());
  }
  return Seconds(*ended - begun);
}

absl::StatusOr<double> CarryOutBare(Stage& stage, const std::vector<Replacement>& replacements) {
  std::vector<std::string> operations;
  for (const Replacement& replacement : replacements) {
    for (std::string& operation : BareWriter::Exchange(replacement)) {
      operations.push_back(std::move(operation));
    }
  }
  LastChange last_change(stage.consul->url(), stage.consul->options().node);
  const Mono begun = MonoClock::now();
  RETURN_IF_ERROR(stage.writer.Send(operations));
  ASSIGN_OR_RETURN(const Mono ended, last_change.Await(stage.bare, kBareOwner, kSettledWithin));
  return Seconds(ended - begun);
}

}  // namespace dispatcher::bench
