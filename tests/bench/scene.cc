#include "tests/bench/scene.h"

#include <utility>

#include "tests/support/wait.h"

namespace dispatcher::bench {
namespace {

constexpr std::chrono::seconds kSettledIn(120);
constexpr Duration kStill = std::chrono::milliseconds(250);

std::vector<std::string> All(std::vector<std::string> settings, const std::vector<std::string>& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

}  // namespace

Scene::Scene(std::unique_ptr<Registry> of, int apps, int bare_apps, const std::vector<std::string>& settings)
    : registry(std::move(of)),
      ours("bench", apps, 2, registry->Shape()),
      bare("floor", bare_apps, 2, registry->Shape()),
      marathon(ours),
      to_marathon(marathon.url()),
      to_registry(registry->url(), ledger.Listener()),
      bare_tap(registry->url(), bare_ledger.Listener()),
      bare_first_sync([this] {
        const std::vector<Chain> chains = registry->Everything(bare);
        BareClient client(bare_tap.url(), registry->Connections());
        const Mono begun = MonoClock::now();
        return client.Send(chains).ok() ? Seconds(MonoClock::now() - begun) : 0;
      }()),
      subject(All({"marathon.urls=" + to_marathon.url()},
                  All(registry->Settings(to_registry.url()), settings))) {}

absl::StatusOr<std::unique_ptr<Scene>> Scene::Set(std::unique_ptr<Registry> registry, int apps, int bare_apps,
                                                  const std::vector<std::string>& settings) {
  auto scene = std::make_unique<Scene>(std::move(registry), apps, bare_apps, settings);
  if (bare_apps > 0) {
    RETURN_IF_ERROR(scene->BareSettled().status());
  }
  return scene;
}

absl::StatusOr<Mono> Scene::Await(const Tap& tap, const Apps& apps, bool of_bare) {
  Mono last, compared;
  Contents contents;
  absl::Status failure;
  const bool complete = testing::WaitFor(
      [&] {
        last = tap.last_write();
        if (last == compared || MonoClock::now() - last < kStill) {
          return false;
        }
        compared = last;
        const auto found = registry->Compare(apps, of_bare);
        failure = found.status();
        contents = found.ok() ? *found : Contents();
        return found.ok() && contents.Complete();
      },
      kSettledIn);
  if (complete) {
    return last;
  }
  RETURN_IF_ERROR(failure);
  return Error(absl::StatusCode::kDeadlineExceeded, registry->name(), " holds ",
               std::to_string(contents.present), " of ", std::to_string(contents.wanted), " instances and ",
               std::to_string(contents.surplus), " that should be gone\n", subject.Log());
}

absl::StatusOr<Mono> Scene::Settled() { return Await(to_registry, ours, false); }
absl::StatusOr<Mono> Scene::BareSettled() { return Await(bare_tap, bare, true); }

Registered Scene::AtPace(int count, Duration apart) {
  return ReplaceAtPace(ours, ledger, count, apart,
                       [&](const Replacement& one) { return marathon.Emit(one.frames); });
}

absl::StatusOr<Registered> Scene::BareAtPace(int count, Duration apart) {
  BareQueue queue(*registry, bare_tap.url());
  Registered registered =
      ReplaceAtPace(bare, bare_ledger, count, apart, [&](const Replacement& one) { return queue.Push(one); });
  RETURN_IF_ERROR(queue.status());
  return registered;
}

absl::StatusOr<double> Scene::Burst() {
  std::string frames;
  for (int app = 0; app < ours.size(); ++app) {
    frames += ours.Replace(app).frames;
  }
  const Mono begun = marathon.Emit(frames);
  ASSIGN_OR_RETURN(const Mono ended, Settled());
  return Seconds(ended - begun);
}

absl::StatusOr<double> Scene::BareBurst() {
  std::vector<Replacement> all;
  for (int app = 0; app < bare.size(); ++app) {
    all.push_back(bare.Replace(app));
  }
  const std::vector<Chain> chains = registry->Exchange(all);
  BareClient client(bare_tap.url(), registry->Connections());
  const Mono begun = MonoClock::now();
  RETURN_IF_ERROR(client.Send(chains));
  ASSIGN_OR_RETURN(const Mono ended, BareSettled());
  return Seconds(ended - begun);
}

}  // namespace dispatcher::bench
