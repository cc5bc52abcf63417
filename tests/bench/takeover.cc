// How long nobody writes when the dispatcher that leads goes: from the moment it is told to stop,
// or is killed, until the other has registered a task that was born at that moment. Beside it the
// time that a bare client needs to get the same lock once it is given up, and to write.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/json.h"
#include "tests/bench/bare_writer.h"
#include "tests/bench/catalog.h"
#include "tests/bench/figures.h"
#include "tests/bench/program.h"
#include "tests/bench/stage.h"
#include "tests/support/wait.h"

namespace dispatcher::bench {
namespace {

constexpr int kApps = 1000;
constexpr std::chrono::seconds kTtl(10);

// Two event streams: each dispatcher has a Marathon of its own over the same apps.
struct Pair {
  std::unique_ptr<testing::ConsulServer> consul;
  Apps apps{"bench", kApps, 2};
  Marathon first_marathon{apps}, second_marathon{apps};
  std::unique_ptr<Subject> first, second;

  std::unique_ptr<Subject> Start(const Marathon& marathon) const {
    return std::make_unique<Subject>(std::vector<std::string>{
        "marathon.urls=" + marathon.url(), "adapters.consul.url=" + consul->url(), "leader.key=bench/leader",
        "leader.ttl=" + std::to_string(kTtl.count()) + "s"});
  }
};

bool Leads(const Subject& subject) { return subject.Metric("dispatcher_leader_leading") == 1; }
bool StandsBy(const Subject& subject) {
  return subject.Get("/readyz").find("\"state\":\"standby\"") != std::string::npos;
}

absl::StatusOr<bool> Holds(const testing::ConsulServer& consul, const std::string& service,
                           const std::string& task) {
  ASSIGN_OR_RETURN(const JsonDocument found, consul.Get("/v1/catalog/service/" + service));
  bool holds = false;
  found.root().ForEach([&](JsonView entry) {
    holds = holds || entry["ServiceID"].StringOr("").find(task) != std::string::npos;
  });
  return holds;
}

absl::StatusOr<double> Turn(bool clean) {
  Pair pair;
  ASSIGN_OR_RETURN(pair.consul, testing::ConsulServer::Start());
  pair.first = pair.Start(pair.first_marathon);
  if (!testing::WaitFor([&] { return Leads(*pair.first); })) {
    return Error(absl::StatusCode::kDeadlineExceeded, "nobody leads: ", pair.first->Log());
  }
  LastChange last_change(pair.consul->url(), pair.consul->options().node);
  RETURN_IF_ERROR(last_change.Await(pair.apps, kDispatcherOwner, std::chrono::seconds(60)).status());
  pair.second = pair.Start(pair.second_marathon);
  if (!testing::WaitFor([&] { return StandsBy(*pair.second); })) {
    return Error(absl::StatusCode::kDeadlineExceeded, "nobody stands by: ", pair.second->Log());
  }
  const Replacement born = pair.apps.Replace(0);
  const Mono begun = MonoClock::now();
  if (clean) {
    pair.first->Stop();
  } else {
    pair.first->Kill();
  }
  pair.second_marathon.Emit(born.frames);
  const bool done = testing::WaitFor(
      [&] {
        const auto holds = Holds(*pair.consul, born.service, born.born.id);
        return holds.ok() && *holds;
      },
      3 * kTtl);
  return done ? absl::StatusOr<double>(Seconds(MonoClock::now() - begun))
              : Error(absl::StatusCode::kDeadlineExceeded, "nobody took over: ", pair.second->Log());
}

// A session that gives the lock up, one that waits for it by a blocking query, and one write.
absl::StatusOr<double> Floor() {
  ASSIGN_OR_RETURN(const auto consul, testing::ConsulServer::Start());
  const Apps apps("floor", 1, 1);
  BareWriter writer(consul->url());
  std::vector<std::string> sessions;
  for (int i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(const std::string made,
                     consul->Put("/v1/session/create", R"({"TTL":"10s","LockDelay":"0s"})"));
    ASSIGN_OR_RETURN(const JsonDocument session, JsonDocument::Parse(made));
    sessions.push_back(session.root()["ID"].StringOr(""));
  }
  RETURN_IF_ERROR(consul->Put("/v1/kv/bench/floor?acquire=" + sessions[0], "").status());
  HttpClient client(HttpOptions(consul->url()));
  HttpRequest look;
  look.target = "/v1/kv/bench/floor";
  ASSIGN_OR_RETURN(const HttpResponse seen, client.Call(look, Cancel()));
  look.target += "?wait=10s&index=" + std::string(FindHeader(seen.headers, "X-Consul-Index"));
  absl::Status waited;
  std::thread waiter([&] { waited = client.Call(look, Cancel()).status(); });
  const Mono begun = MonoClock::now();
  RETURN_IF_ERROR(consul->Put("/v1/session/destroy/" + sessions[0], "").status());
  waiter.join();
  RETURN_IF_ERROR(waited);
  RETURN_IF_ERROR(consul->Put("/v1/kv/bench/floor?acquire=" + sessions[1], "").status());
  RETURN_IF_ERROR(writer.Send(BareWriter::Everything(apps)));
  return Seconds(MonoClock::now() - begun);
}

absl::Status RunAll(const Chosen& chosen) {
  Turns turns;
  for (int turn = 0; turn < chosen.Number("--turns", chosen.quick() ? 1 : 5); ++turn) {
    ASSIGN_OR_RETURN(turns.floor.emplace_back(), Floor());
    ASSIGN_OR_RETURN(turns.here.emplace_back(), Turn(true));
  }
  Row clean = Compared("takeover after a clean stop, 1000 x 2", turns);
  clean.aim = "<= 1.000 s";
  clean.met = Median(turns.here) <= 1;
  Print(clean);
  if (!chosen.quick()) {
    ASSIGN_OR_RETURN(const double killed, Turn(false));
    const double aim = 2 * Seconds(kTtl) + 3;
    Row row{"takeover after SIGKILL, leader.ttl 10s", "", InSeconds(killed), "", "<= " + InSeconds(aim)};
    row.met = killed <= aim;
    Print(row);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(argc, argv, {{"--turns", "N", "medians are shown (5)"}},
                                       dispatcher::bench::RunAll);
}
