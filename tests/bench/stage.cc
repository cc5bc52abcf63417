#include "tests/bench/stage.h"

#include <utility>
#include <vector>

#include "tests/bench/catalog.h"

namespace dispatcher::bench {
namespace {

constexpr std::chrono::seconds kSettledWithin(60);

}  // namespace

Stage::Stage(std::unique_ptr<testing::ConsulServer> server, int apps, int bare_apps)
    : consul(std::move(server)),
      ours("bench", apps, 2),
      bare("floor", bare_apps, 2),
      writer(consul->url()),
      marathon(ours),
      subject(marathon.url(), consul->url()) {}

absl::StatusOr<std::unique_ptr<Stage>> Stage::Set(int apps, int bare_apps) {
  ASSIGN_OR_RETURN(auto consul, testing::ConsulServer::Start());
  auto stage = std::make_unique<Stage>(std::move(consul), apps, bare_apps);
  RETURN_IF_ERROR(stage->writer.Send(BareWriter::Everything(stage->bare)));
  RETURN_IF_ERROR(Settled(*stage));
  return stage;
}

absl::Status Settled(Stage& stage) {
  LastChange last_change(stage.consul->url(), stage.consul->options().node);
  const absl::Status status = last_change.Await(stage.ours, kDispatcherOwner, kSettledWithin).status();
  return status.ok() ? status : Annotate(status, stage.subject.Log());
}

absl::StatusOr<double> BurstHere(Stage& stage) {
  std::string frames;
  for (int app = 0; app < stage.ours.size(); ++app) {
    frames += stage.ours.Replace(app).frames;
  }
  LastChange last_change(stage.consul->url(), stage.consul->options().node);
  const Mono begun = stage.marathon.Emit(frames);
  ASSIGN_OR_RETURN(const Mono ended, last_change.Await(stage.ours, kDispatcherOwner, kSettledWithin));
  return Seconds(ended - begun);
}

absl::StatusOr<double> BurstFloor(Stage& stage) {
  std::vector<std::string> operations;
  for (int app = 0; app < stage.bare.size(); ++app) {
    for (std::string& operation : BareWriter::Exchange(stage.bare.Replace(app))) {
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
