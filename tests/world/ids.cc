#include "tests/world/ids.h"

#include <algorithm>

#include "dispatcher/base/strings.h"

namespace dispatcher::world {

uint64_t Random(State& s, uint64_t below) {
  s.random += 0x9e3779b97f4a7c15ULL;  // splitmix64
  uint64_t z = s.random;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return below == 0 ? z : z % below;
}

std::string NewUuid(State& s) {
  const std::string hex = Hex(Random(s, 0)) + Hex(Random(s, 0));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-11e9-" + hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

std::string NewVersion(State& s) {
  s.last_version = std::max(s.now, s.last_version + 1);
  return FormatTimestamp(s.last_version);
}

std::string SafeId(std::string_view app) {
  std::string safe(app.substr(1));
  std::replace(safe.begin(), safe.end(), '/', '_');
  return safe;
}

void NameTask(State& s, Task& task) {
  const std::string safe = SafeId(task.app_id);
  if (task.app->is_pod) {
    task.id = task.instance = safe + ".instance-" + NewUuid(s);
    return;
  }
  if (s.profile.Since(8)) {
    if (task.instance.empty()) {
      task.instance = safe + ".instance-" + NewUuid(s);
    }
    task.id = task.instance + "._app." + std::to_string(task.incarnation);
    return;
  }
  if (!s.profile.instances() && !task.instance.empty()) {
    task.id = task.instance;
  } else if (task.instance.empty()) {
    const std::string uuid = NewUuid(s);
    task.id = safe + "." + uuid;
    task.instance = s.profile.instances() ? safe + ".marathon-" + uuid : task.id;
  } else {
    task.id = safe + "." + task.instance.substr(task.instance.rfind(".marathon-") + 10);
  }
  if (s.profile.Since(5) && task.app->resident) {
    task.id += "." + std::to_string(task.incarnation);
  }
}

}  // namespace dispatcher::world
