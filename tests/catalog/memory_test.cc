// What a task takes up: the bound grows on purpose or not at all (tests/bench/README.md, Memory).
#include <malloc.h>

#include <cstdio>

#include "tests/catalog/driver.h"
#include "tests/support/catch.h"
#include "tests/support/sanitized.h"

namespace dispatcher {
namespace {

size_t Allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// As many digits as a real one has.
std::string TaskNumber(int number) {
  char id[80];
  std::snprintf(id, sizeof id, "shop_app-%05d.instance-c7c311a4-b669-11e6-a48f-%012d._app.1", number / 2,
                number);
  return id;
}

AppSeen AppNumber(int number) {
  char id[32];
  std::snprintf(id, sizeof id, "/shop/app-%05d", number);
  std::vector<TaskSeen> tasks;
  for (int i = 2 * number; i < 2 * number + 2; ++i) {
    tasks.push_back(
        SeenTask(TaskNumber(i), 10000 + i / 10, kV1, Life::kRunning, "10.0.0." + std::to_string(1 + i % 10)));
    tasks.back().ips = {tasks.back().host};
    tasks.back().results = {CheckResult{true, true, StampOf(kV1) + 2000, 0}};
  }
  return SeenApp(App1(id, kV1, 2, 1), std::move(tasks));
}

TEST_CASE("a task of an app with two takes 1600 bytes in the catalog at most") {
  if (testing::kSanitized) {
    SUCCEED("not this program's own memory under a sanitizer");
    return;
  }
  constexpr int kApps = 1000;
  constexpr size_t kTasks = 2 * kApps;
  const size_t before = Allocated();
  Driver d;
  d.Attach();
  for (int i = 0; i < kApps; ++i) {
    AppSeen app = AppNumber(i);
    app.read = 1;
    app.mark = d.Mark();
    d.Push(std::move(app));
  }
  d.dirty.clear();
  d.last = {};
  CHECK(d.catalog.Counts().running == kTasks);
  const size_t each = (Allocated() - before) / kTasks;
  CAPTURE(each);
  CHECK(each <= 1600);
  CHECK(each >= 500);  // else this measures something else
}

}  // namespace
}  // namespace dispatcher
