// Schedules that an enemy would choose: to have live entries deleted, dead ones
// kept, a registry hammered, an innocent service starved.
#include <algorithm>
#include <ctime>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

std::string S(int i) { return "s" + std::to_string(i); }
std::shared_ptr<Instance> On(const std::string& task, const std::string& host, int port,
                             Want want = Want::kYes) {
  auto t = Task(task, port, want);
  t->host = host;
  return t;
}
// Goes from deadline to deadline until `end`.
void Live(Rig& rig, Mono end) {
  while (rig.now < end) {
    rig.Read();
    rig.Write();
    const auto next = rig.NextDeadline();
    rig.now = std::min(end, std::max(next.value_or(end), rig.now + milliseconds(1)));
  }
}

TEST_CASE("A token that may not write one service neither pauses the others nor asks for it all the time") {
  Rig rig;
  rig.adapter.with_structure = false;
  rig.adapter.traits.atomic = GENERATE(false, true);
  INFO("atomic " << rig.adapter.traits.atomic);
  rig.Pass();
  const std::string denied = "put server s3/t";
  rig.fail[denied] = absl::PermissionDeniedError("not this name");
  size_t asked = 0;
  const auto write = [&] {
    while (auto batch = rig.r().NextBatch(rig.now)) {
      const bool has = std::any_of(batch->changes.begin(), batch->changes.end(),
                                   [&](const Change& c) { return Rig::Word(c) == denied; });
      asked += has;
      if (has && rig.adapter.traits.atomic) {
        rig.r().Finished(*batch, std::vector<absl::Status>(batch->changes.size(), rig.fail[denied]), rig.now);
      } else {
        rig.Finish(*batch);
      }
    }
  };
  for (int i = 0; i < 8; ++i) {
    rig.Offer(App("/" + S(i), S(i), {Task("t", 100 + i)}));
  }
  const Mono begin = rig.now;
  while (rig.now < begin + seconds(120)) {
    write();
    const auto next = rig.NextDeadline();
    REQUIRE(next);
    REQUIRE(*next > rig.now);
    rig.now = *next;
  }
  CHECK(rig.adapter.held.size() == 7);
  CHECK(asked < 30);
  // A healthy one that comes now does not wait for the next try.
  write();
  rig.Offer(App("/new", "new", {Task("t", 200)}));
  write();
  CHECK(rig.Has("server new/t"));
  // Granted at last.
  rig.fail.clear();
  Live(rig, rig.now + seconds(31));
  CHECK(rig.Has("server s3/t"));
}

TEST_CASE("What was refused for a reason outside is tried again, seldom") {
  Rig rig;
  rig.Pass();
  rig.fail["put server web/b"] = absl::FailedPreconditionError("somebody else's is in its place");
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Write();
  rig.writes.clear();
  for (int i = 0; i < 60; ++i) {
    rig.now += seconds(60);
    rig.Sync();
  }
  CHECK(rig.writes.size() >= 2);
  CHECK(rig.writes.size() <= 12);
  rig.fail.clear();
  for (int i = 0; i < 20; ++i) {
    rig.now += seconds(60);
    rig.Sync();
  }
  CHECK(rig.Has("server web/b"));
}

TEST_CASE("A dead registry is probed, not hammered, and gets everything soon after it is back") {
  Rig rig;
  rig.adapter.with_structure = false;
  rig.adapter.traits.batch = 1;
  rig.Pass();
  const int many = 500;
  for (int i = 0; i < many; ++i) {
    rig.fail["put server " + S(i) + "/t"] = absl::UnavailableError("connection refused");
    rig.Offer(App("/" + S(i), S(i), {Task("t", 1000 + i)}));
  }
  Live(rig, rig.now + seconds(120));
  CHECK(rig.writes.size() < 400);
  rig.fail.clear();
  Live(rig, rig.now + seconds(32));
  CHECK(rig.adapter.held.size() == many);
}

TEST_CASE("Many changes that fail by themselves hold a healthy one up for a moment at most") {
  Rig rig;
  rig.adapter.with_structure = false;
  rig.adapter.traits.batch = 1;
  rig.Pass();
  for (int i = 0; i < 40; ++i) {
    rig.fail["put server " + S(i) + "/t"] = absl::UnavailableError("500");
    rig.Offer(App("/" + S(i), S(i), {Task("t", 1000 + i)}));
  }
  Live(rig, rig.now + seconds(300));
  for (int i = 0; i < 50; ++i) {
    const std::string name = "w" + std::to_string(i);
    rig.Offer(App("/" + name, name, {Task("t", 2000 + i)}));
    Live(rig, rig.now + seconds(2));
    CHECK(rig.Has("server " + name + "/t"));
    Live(rig, rig.now + milliseconds(7919));
  }
}

TEST_CASE("Orphans of which nothing can be told are counted one by one") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  for (int i = 0; i < 50; ++i) {
    Entry orphan;
    orphan.id = {"", "backend", "orphan" + std::to_string(100 + i)};
    rig.adapter.held[orphan.id] = orphan;
  }
  rig.Sync();
  rig.now += seconds(60);
  rig.Sync();
  CHECK(rig.adapter.held.size() == 52 - 10);  // 20 % of what is there
}

TEST_CASE("A shell waits for a removal in another lane that is on its way") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  rig.adapter.traits.batch = 1;
  rig.Offer(App("/web", "web", {On("a", "h1", 1)}));
  rig.Sync();
  REQUIRE(rig.adapter.held.size() == 2);
  auto gone = App("/web", "web", {On("a", "h1", 1, Want::kNo)});
  gone->want = Want::kNo;
  rig.Offer(gone);
  auto flying = rig.r().NextBatch(rig.now);
  REQUIRE(flying);
  CHECK(Rig::Word(flying->changes[0]) == "delete server web/a");
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  // It failed: the shell goes on waiting.
  rig.r().Finished(*flying, {absl::UnavailableError("down")}, rig.now);
  CHECK_FALSE(rig.r().NextBatch(rig.now));
  rig.now += seconds(31);
  rig.Write();
  CHECK(rig.adapter.held.empty());
}

TEST_CASE("A list of lanes that was asked for before a write does not make the write forgotten") {
  Rig rig;
  rig.adapter.traits.lanes = true;
  rig.adapter.with_structure = false;
  rig.Pass();
  rig.r().BeginFullPass(false, "f1", rig.now);
  REQUIRE(rig.r().LanesWanted(rig.now));
  const auto asked = rig.Lanes();  // h1 holds nothing yet
  rig.Offer(App("/web", "web", {On("a", "h1", 1)}));
  while (auto lane = rig.r().NextRead(rig.now)) {
    rig.r().ReadEnded(*lane, absl::OkStatus(), rig.now);
  }
  rig.Write();
  REQUIRE(rig.Has("server web/a"));
  rig.Offer(App("/web", "web", {On("a", "h1", 1, Want::kNo)}));
  rig.r().LanesKnown(asked, rig.now);
  rig.Write();
  CHECK(rig.adapter.held.empty());
}

TEST_CASE("While the lanes are being asked for nothing is due") {
  Rig rig;
  REQUIRE(rig.r().LanesWanted(rig.now));
  rig.r().LanesAsked();
  CHECK_FALSE(rig.r().LanesWanted(rig.now));
  CHECK_FALSE(rig.r().NextReadDeadline());
  // A pass that begins meanwhile is content with that answer.
  rig.r().BeginFullPass(false, "f1", rig.now);
  CHECK_FALSE(rig.r().LanesWanted(rig.now));
  rig.r().LanesKnown(std::vector<std::string>{""}, rig.now);
  CHECK_FALSE(rig.r().LanesWanted(rig.now));
}

TEST_CASE("Flapping wishes on a slow registry keep one unit, and the last wish is what stays") {
  Rig rig;
  rig.Pass();
  std::optional<Batch> flying;
  for (int i = 0; i < 200; ++i) {
    rig.Offer(App("/web", "web", {Task("a", 1 + i % 2), Task("b", 5, i % 3 == 0 ? Want::kNo : Want::kYes)}));
    if (!flying) {
      flying = rig.r().NextBatch(rig.now);
    } else if (i % 5 == 0) {
      rig.Finish(*flying);
      flying.reset();
    }
    CHECK(rig.r().Report(rig.now).queued_units <= 1);
    rig.now += milliseconds(10);
  }
  if (flying) {
    rig.Finish(*flying);
  }
  rig.Write();
  CHECK(rig.There() == WordSet{"backend web", "server web/a", "server web/b"});
  CHECK(rig.r().Report(rig.now).pending == 0);
}

TEST_CASE("A read that ends after many full passes began is evidence for one of them only") {
  Rig rig;
  rig.Offer(App("/web", "web", {Task("a", 1), Task("b", 2)}));
  rig.Sync();
  rig.Offer(App("/web", "web", {Task("a", 1)}));  // b is not listed, and nothing says why
  rig.r().BeginFullPass(false, "f1", rig.now);
  rig.r().LanesKnown(std::vector<std::string>{""}, rig.now);
  const auto lane = rig.r().NextRead(rig.now);
  REQUIRE(lane);
  for (int i = 0; i < 5; ++i) {
    rig.now += seconds(60);
    rig.r().BeginFullPass(false, "f1", rig.now);
  }
  rig.Visit(*lane);
  rig.r().ReadEnded(*lane, absl::OkStatus(), rig.now);
  rig.Write();
  CHECK(rig.Has("server web/b"));
  CHECK(rig.r().Report(rig.now).held.size() == 1);
}

TEST_CASE("Thousands of tasks at one address: only the latest is there, and nobody waits for that") {
  // By the square of their number; by its cube this takes minutes.
  const int tasks = GENERATE(15, 16, 17, 40, 1500);
  INFO(tasks << " tasks");
  Rig rig;
  rig.adapter.with_structure = false;
  rig.Pass();
  const std::clock_t begin = std::clock();
  const auto offer = [&](int i, int since) {
    rig.Offer(App("/" + S(i), S(i), {Task(S(i), 80, Want::kYes, Why::kEvent, Mono{seconds(since)})}));
  };
  // In an order that is neither that of their times nor its reverse.
  for (int i = 0; i < tasks; ++i) {
    offer(i, 100 + i * 7919 % tasks);
  }
  rig.Write();
  const auto there = [&] {
    std::vector<TaskId> held;
    for (const auto& [id, entry] : rig.adapter.held) {
      held.push_back(entry.task);
    }
    return held;
  };
  int latest = 0;
  for (int i = 0; i < tasks; ++i) {
    latest = i * 7919 % tasks == tasks - 1 ? i : latest;
  }
  CHECK(there() == std::vector<TaskId>{S(latest)});
  // Another one becomes the latest, and goes: the one before it is back.
  const int other = (latest + 1) % tasks;
  offer(other, 5000);
  rig.Write();
  CHECK(there() == std::vector<TaskId>{S(other)});
  rig.Offer(App("/" + S(other), S(other), {}));
  rig.Write();
  CHECK(there() == std::vector<TaskId>{S(latest)});
  CHECK((std::clock() - begin) / CLOCKS_PER_SEC < 20);
}

}  // namespace
}  // namespace dispatcher
