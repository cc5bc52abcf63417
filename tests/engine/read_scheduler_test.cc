#include "dispatcher/engine/read_scheduler.h"

#include <vector>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using namespace std::chrono_literals;
using What = ReadWanted::What;

const Mono kStart = Mono(1h);

// A scheduler with a clock that only the test moves.
class Bench {
 public:
  explicit Bench(ReadPolicy policy = {}) : scheduler(policy) {}

  void Want(What what, const std::string& app = "", Duration in = {}, const std::string& version = "") {
    ReadWanted wanted;
    wanted.what = what;
    wanted.app = app;
    wanted.version = version;
    wanted.not_before = in == Duration::zero() ? Mono{} : now + in;
    scheduler.Want(wanted, now);
  }
  void WantApps(int count) {
    for (int i = 0; i < count; ++i) {
      Want(What::kApp, "/app" + std::to_string(i));
    }
  }
  // "info", "snapshot", "/app", "/app@version" or "-" for nothing.
  std::string Next() {
    const std::optional<ReadJob> job = scheduler.Next(now);
    if (!job) {
      return "-";
    }
    running.push_back(*job);
    switch (job->what) {
      case What::kSnapshot:
        return "snapshot";
      case What::kInfo:
        return "info";
      case What::kVersion:
        return job->app + "@" + job->version;
      default:
        return job->app;
    }
  }
  // Ends the job that has run longest.
  void End(const absl::Status& status = absl::OkStatus(), Duration took = 1ms, int apps = 10) {
    now += took;
    const ReadJob job = running.front();
    running.erase(running.begin());
    scheduler.Ended(job, status, apps, took, now);
  }
  // Attached, and info and the first snapshot read.
  void Settle() {
    scheduler.Attached(now);
    REQUIRE(Next() == "info");
    End();
    REQUIRE(Next() == "snapshot");
    End();
    REQUIRE(Next() == "-");
  }
  Duration UntilDeadline() const { return scheduler.NextDeadline().value() - now; }

  Mono now = kStart;
  ReadScheduler scheduler;
  std::vector<ReadJob> running;
};

const absl::Status kDown = absl::UnavailableError("down");

TEST_CASE("nothing is read without a stream") {
  Bench bench;
  bench.Want(What::kApp, "/a");
  bench.Want(What::kSnapshot);
  bench.Want(What::kInfo);
  CHECK(bench.Next() == "-");
  CHECK_FALSE(bench.scheduler.NextDeadline().has_value());
  bench.Settle();
  bench.scheduler.Detached();
  bench.now += 10min;
  CHECK(bench.Next() == "-");
}

TEST_CASE("after an attach info comes first, then one snapshot that covers the apps that wait") {
  Bench bench;
  bench.WantApps(3);
  bench.scheduler.Attached(bench.now);
  bench.Want(What::kSnapshot);
  CHECK(bench.Next() == "info");
  CHECK(bench.Next() == "-");  // the snapshot will show the apps
  CHECK_FALSE(bench.scheduler.NextDeadline().has_value());
  bench.End();
  CHECK(bench.Next() == "snapshot");
  bench.End();
  CHECK(bench.Next() == "-");
  CHECK(bench.scheduler.pending() == 0);
}

TEST_CASE("an info that fails holds the snapshot up once, and is asked again") {
  Bench bench;
  bench.scheduler.Attached(bench.now);
  CHECK(bench.Next() == "info");
  CHECK(bench.Next() == "-");
  bench.End(kDown);
  CHECK(bench.Next() == "snapshot");
  bench.End();
  CHECK(bench.Next() == "-");
  bench.now += 500ms;
  CHECK(bench.Next() == "info");
}

TEST_CASE("reads of one app collapse while they wait, and follow each other when one runs") {
  Bench bench;
  bench.Settle();
  bench.Want(What::kApp, "/a");
  bench.Want(What::kApp, "/a");
  CHECK(bench.scheduler.collapsed() == 1);
  CHECK(bench.Next() == "/a");
  bench.Want(What::kApp, "/a");
  CHECK(bench.Next() == "-");  // begun before the last wish: not good for it
  bench.End();
  CHECK(bench.Next() == "/a");
  bench.End();
  CHECK(bench.Next() == "-");
}

TEST_CASE("a read knows whether it is a pod's, also when it is asked again") {
  for (const What what : {What::kApp, What::kVersion}) {
    for (const bool pod : {true, false}) {
      Bench b;
      b.Settle();
      ReadWanted wanted;
      wanted.what = what;
      wanted.app = "/p";
      wanted.pod = pod;
      b.scheduler.Want(wanted, b.now);
      REQUIRE(b.Next() != "-");
      CHECK(b.running.front().pod == pod);
      b.End(absl::UnavailableError("x"));
      b.now += 1s;
      REQUIRE(b.Next() != "-");
      CHECK(b.running.front().pod == pod);
    }
  }
}

TEST_CASE("not_before is honoured, and an earlier wish for the same wins") {
  Bench bench;
  bench.Settle();
  bench.Want(What::kApp, "/a", 2s);
  bench.Want(What::kVersion, "/a", 3s, "v1");
  CHECK(bench.Next() == "-");
  CHECK(bench.UntilDeadline() == 2s);
  bench.Want(What::kApp, "/a", 1s);
  bench.Want(What::kApp, "/a", 5s);
  CHECK(bench.UntilDeadline() == 1s);
  bench.now += 1s;
  CHECK(bench.Next() == "/a");
  CHECK(bench.Next() == "-");
  bench.now += 2s;
  CHECK(bench.Next() == "/a@v1");
}

TEST_CASE("two reads at once, in the order they became due") {
  Bench bench;
  bench.Settle();
  bench.Want(What::kApp, "/c");
  bench.now += 1ms;
  bench.Want(What::kApp, "/a");
  bench.now += 1ms;
  bench.Want(What::kVersion, "/b", {}, "v");
  CHECK(bench.Next() == "/c");
  CHECK(bench.Next() == "/a");
  CHECK(bench.Next() == "-");
  CHECK_FALSE(bench.scheduler.NextDeadline().has_value());
  bench.End();
  CHECK(bench.Next() == "/b@v");
}

TEST_CASE("many apps become one snapshot: more than 16 and more than 5 percent") {
  struct Case {
    int known, wanted;
    bool snapshot;
  };
  for (const Case& c : std::vector<Case>{
           {10, 16, false}, {10, 17, true}, {1000, 50, false}, {1000, 51, true}, {1000, 17, false}}) {
    INFO(c.known << " known, " << c.wanted << " wanted");
    Bench bench;
    bench.scheduler.Attached(bench.now);
    bench.Next();
    bench.End();
    bench.Next();
    bench.End(absl::OkStatus(), 1ms, c.known);
    bench.now += 1s;
    bench.WantApps(c.wanted);
    CHECK((bench.Next() == "snapshot") == c.snapshot);
    CHECK((bench.scheduler.pending() == 0) == c.snapshot);
  }
}

TEST_CASE("apps whose time has not come are not swept into a snapshot") {
  Bench bench;
  bench.Settle();
  bench.now += 1s;
  bench.Want(What::kApp, "/later", 3s);
  bench.WantApps(20);
  CHECK(bench.Next() == "snapshot");
  bench.End();
  bench.now += 3s;
  CHECK(bench.Next() == "/later");
}

TEST_CASE("the resync waits for the interval, or for a hundred times what the last one took") {
  struct Case {
    Duration took, least, most;
  };
  for (const Case& c : std::vector<Case>{{10ms, 60s, 66s}, {1s, 100s, 110s}, {5s, 500s, 550s}}) {
    ReadPolicy policy;
    for (policy.seed = 0; policy.seed < 20; ++policy.seed) {
      Bench bench(policy);
      bench.scheduler.Attached(bench.now);
      bench.Next();
      bench.End();
      bench.Next();
      bench.End(absl::OkStatus(), c.took);
      CHECK(bench.UntilDeadline() >= c.least);
      CHECK(bench.UntilDeadline() <= c.most);
      bench.now = *bench.scheduler.NextDeadline();
      CHECK(bench.Next() == "snapshot");
    }
  }
}

TEST_CASE("one slow read does not put the resync off, two in a row do, whatever the stream") {
  Bench bench;
  bench.Settle();
  const auto until_next = [&](Duration took) {
    bench.now = *bench.scheduler.NextDeadline();
    REQUIRE(bench.Next() == "snapshot");
    bench.End(absl::OkStatus(), took);
    return bench.UntilDeadline();
  };
  CHECK(until_next(20s) <= 66s);
  CHECK(until_next(10s) >= 1000s);
  CHECK(until_next(5ms) <= 66s);
  bench.scheduler.Attached(bench.now);
  bench.now += 1s;
  REQUIRE(bench.Next() == "info");
  bench.End();
  REQUIRE(bench.Next() == "snapshot");
  bench.End(absl::OkStatus(), 20s);
  CHECK(bench.UntilDeadline() <= 66s);
}

TEST_CASE("a standby waits five times as long for the resync, and no longer for what is wanted") {
  Bench bench;
  bench.scheduler.SetSeldom(5);
  bench.scheduler.Attached(bench.now);
  bench.Next();
  bench.End();
  CHECK(bench.Next() == "snapshot");
  bench.End(absl::OkStatus(), 1s);
  CHECK(bench.UntilDeadline() >= 500s);
  CHECK(bench.UntilDeadline() <= 550s);
  bench.now += 11s;
  bench.scheduler.SetSeldom(1);
  bench.Want(What::kSnapshot, "", 0s);
  CHECK(bench.Next() == "snapshot");
  bench.End(absl::OkStatus(), 1s);
  CHECK(bench.UntilDeadline() <= 110s);
}

TEST_CASE("a gap makes a snapshot due, but they never take more than a tenth of the time") {
  Bench bench;
  bench.scheduler.Attached(bench.now);
  bench.Next();
  bench.End();
  bench.Next();
  bench.End(absl::OkStatus(), 200ms);
  bench.Want(What::kSnapshot);
  bench.Want(What::kSnapshot);
  CHECK(bench.Next() == "-");
  CHECK(bench.UntilDeadline() == 2s);
  bench.now += 2s;
  CHECK(bench.Next() == "snapshot");
  bench.Want(What::kSnapshot);  // begun too early for this one
  bench.End(absl::OkStatus(), 100ms);
  CHECK(bench.Next() == "-");
  bench.now += 2s;
  CHECK(bench.Next() == "snapshot");
}

TEST_CASE("a failed snapshot is asked again with growing waits, whoever wanted it") {
  Bench bench;
  bench.scheduler.Attached(bench.now);
  bench.Next();
  bench.End();
  Duration last{};
  for (int i = 0; i < 5; ++i) {
    CHECK(bench.Next() == "snapshot");
    bench.End(i == 2 ? absl::NotFoundError("404") : kDown);
    CHECK(bench.Next() == "-");
    CHECK(bench.UntilDeadline() > last / 2);
    CHECK(bench.UntilDeadline() >= 250ms * (1 << i));
    last = bench.UntilDeadline();
    bench.now += last;
  }
  CHECK(bench.Next() == "snapshot");
  bench.End();
  CHECK(bench.UntilDeadline() >= 60s);
}

TEST_CASE("a failed app or version is asked again with backoff, an answer of 404 is one") {
  for (const What what : {What::kApp, What::kVersion}) {
    Bench bench;
    bench.Settle();
    bench.Want(what, "/a", {}, what == What::kVersion ? "v" : "");
    CHECK(bench.Next() != "-");
    bench.End(kDown);
    CHECK(bench.Next() == "-");
    CHECK(bench.UntilDeadline() >= 250ms);
    bench.now += bench.UntilDeadline();
    CHECK(bench.Next() != "-");
    bench.End(kDown);
    CHECK(bench.UntilDeadline() >= 500ms);
    bench.now += bench.UntilDeadline();
    CHECK(bench.Next() != "-");
    bench.End(absl::NotFoundError("gone"));
    CHECK(bench.scheduler.pending() == 0);
  }
}

TEST_CASE("what fails is asked no sooner because it is wanted again and again") {
  struct Case {
    What what;
    std::string app, version;
  };
  for (const Case& c : {Case{What::kSnapshot, "", ""}, Case{What::kApp, "/a", ""},
                        Case{What::kVersion, "/a", "v"}, Case{What::kInfo, "", ""}}) {
    Bench bench;
    bench.Settle();
    bench.now += 30s;
    int asked = 0;
    for (const Mono end = bench.now + 29s; bench.now < end; bench.now += 10ms) {
      bench.Want(c.what, c.app, {}, c.version);  // a hundred events a second
      if (bench.Next() != "-") {
        ++asked;
        bench.End(kDown, 0ms);
      }
    }
    CHECK(asked >= 4);
    CHECK(asked <= 9);
    // It answers again: what is wanted is asked at once.
    bench.now += 31s;
    REQUIRE(bench.Next() != "-");
    bench.End(absl::OkStatus(), 0ms);
    bench.Want(c.what, c.app, {}, c.version);
    CHECK(bench.Next() != "-");
  }
}

TEST_CASE("a new stream in the middle of reads: their ends count as no answer") {
  Bench bench;
  bench.Settle();
  bench.now += 2min;
  CHECK(bench.Next() == "snapshot");
  bench.Want(What::kApp, "/a");
  CHECK(bench.Next() == "/a");
  bench.scheduler.Detached();
  bench.scheduler.Attached(bench.now);
  // One is broken off, the other just got through.
  bench.End(absl::CancelledError(""));
  CHECK(bench.Next() == "info");
  bench.End(absl::OkStatus());
  CHECK(bench.scheduler.pending() == 2);  // /a again: its answer came too early to believe
  CHECK(bench.Next() == "-");
  bench.End();
  CHECK(bench.Next() == "snapshot");
  bench.End();
  CHECK(bench.scheduler.pending() == 0);
  CHECK(bench.UntilDeadline() >= 60s);
}

TEST_CASE("a new stream does not wait out the backoff of the last one") {
  Bench bench;
  bench.scheduler.Attached(bench.now);
  bench.Next();
  bench.End();
  for (int i = 0; i < 8; ++i) {
    CHECK(bench.Next() == "snapshot");
    bench.End(kDown);
    bench.now += bench.UntilDeadline();
  }
  CHECK(bench.Next() == "snapshot");
  bench.End(kDown);
  bench.scheduler.Attached(bench.now);
  CHECK(bench.Next() == "info");
  bench.End();
  CHECK(bench.Next() == "snapshot");
}

}  // namespace
}  // namespace dispatcher
