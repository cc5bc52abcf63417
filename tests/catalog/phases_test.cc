// The table of phases in dispatcher/catalog/README.md, made from the code: what a
// task is after one more word, by what was known of it before.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

constexpr const char* kTask = "web.01da9a15-68a7-11e7-a229-e6a514ca0c21";
constexpr const char* kBegin = "<!-- phases: DISPATCHER_WRITE_TABLES=1 test_catalog \"the table*\" -->\n";
constexpr const char* kEnd = "<!-- end of phases -->\n";

using Word = std::function<void(Driver&)>;
struct Named {
  const char* name;
  Word say;
};

WallMs Later(const Driver& d) { return StampOf(kV1) + 10'000 + static_cast<WallMs>(d.seq); }

Word Says(Life life) {
  return [life](Driver& d) {
    TaskUpdate update = Update("/web", kTask, life, 31001);
    update.at = Later(d);
    d.Push(std::move(update));
  };
}
Word Health(bool alive) {
  return [alive](Driver& d) {
    d.Push(HealthUpdate{"/web", InstanceOfTask(kTask), "", alive, false, false, kV1, Later(d)});
  };
}
Word Reads(std::vector<TaskSeen> tasks) {
  return [tasks](Driver& d) {
    d.Snapshot({SeenApp(App1("/web", kV1, 1, 1), tasks), SeenApp(App1("/other"))});
  };
}
void Announce(Driver& d) { d.Push(KillAnnounced{"/web", kTask, "", "unhealthy", Later(d)}); }
void Stop(Driver& d) {
  DeploymentUpdate stop;
  stop.id = "d1";
  stop.version = kV2;
  stop.all = stop.current = {{"StopApplication", "/web"}};
  d.Push(std::move(stop));
}
void Terminate(Driver& d) { d.Push(AppTerminated{"/web", StampOf(kV2)}); }
void Displace(Driver& d) {
  TaskUpdate other = Update("/other", "other.02da9a15-68a7-11e7-a229-e6a514ca0c21", Life::kRunning, 31001);
  other.at = Later(d);
  d.Push(std::move(other));
}

Word Then(const Word& first, const Word& second) {
  return [first, second](Driver& d) {
    first(d);
    second(d);
  };
}

// One app with one health check is known, its definition too.
std::vector<Named> States() {
  const Word runs = Says(Life::kRunning), healthy = Then(runs, Health(true));
  return {
      {"nothing", [](Driver&) {}},
      {"staging", Says(Life::kStaging)},
      {"runs, health unknown", runs},
      {"runs, healthy", healthy},
      {"runs, unhealthy", Then(healthy, Health(false))},
      {"unreachable", Then(healthy, Says(Life::kUnreachable))},
      {"lost", Then(healthy, Says(Life::kLost))},
      {"being killed", Then(healthy, Says(Life::kKilling))},
      {"kill announced", Then(healthy, Announce)},
      {"its app is stopped", Then(healthy, Stop)},
      {"absent from a read", Then(healthy, Reads({}))},
      {"ended", Then(healthy, Says(Life::kTerminal))},
  };
}

std::vector<Named> Words() {
  TaskSeen unreachable = SeenTask(kTask, 31001);
  unreachable.life = Life::kUnreachable;
  return {
      {"no more", [](Driver&) {}},
      {"RUNNING", Says(Life::kRunning)},
      {"alive", Health(true)},
      {"not alive", Health(false)},
      {"KILLING", Says(Life::kKilling)},
      {"UNREACHABLE", Says(Life::kUnreachable)},
      {"LOST", Says(Life::kLost)},
      {"an end", Says(Life::kTerminal)},
      {"kill announced", Announce},
      {"app_terminated", Terminate},
      {"another task at its address", Displace},
      {"a read lists it running", Reads({SeenTask(kTask, 31001)})},
      {"a read lists it unreachable", Reads({unreachable})},
      {"a read lists it not", Reads({})},
  };
}

// "Serving yes a": the reason behind the letter.
std::string Cell(Driver& d, std::map<std::string, std::string>& letters) {
  const std::optional<AppReport> report = d.catalog.Explain("/web", d.now);
  for (const TaskReport& task : report->tasks) {
    if (task.task == kTask) {
      const auto [letter, fresh] =
          letters.try_emplace(task.reason, 1, static_cast<char>('a' + letters.size()));
      return task.phase + " " + task.want + " " + letter->second;
    }
  }
  return "–";
}

std::string Table() {
  std::map<std::string, std::string> letters;
  std::string text = "| known \\\\ then |";
  std::string rule = "|---|";
  for (const Named& word : Words()) {
    text.append(" ").append(word.name).append(" |");
    rule.append("---|");
  }
  text.append("\n").append(rule).append("\n");
  for (const Named& state : States()) {
    text.append("| ").append(state.name).append(" |");
    for (const Named& word : Words()) {
      Driver d;
      d.Attach();
      Reads({})(d);
      state.say(d);
      word.say(d);
      text.append(" ").append(Cell(d, letters)).append(" |");
    }
    text.append("\n");
  }
  std::map<std::string, std::string> reasons;
  for (const auto& [reason, letter] : letters) {
    reasons[letter] = reason;
  }
  text.append("\n");
  for (const auto& [letter, reason] : reasons) {
    text.append(letter).append(": ").append(reason).append(letter == reasons.rbegin()->first ? ".\n" : "; ");
  }
  return text;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_CASE("the table of phases in the README is what the code does") {
  const std::string path = std::string(TEST_DATA) + "/../../dispatcher/catalog/README.md";
  std::string readme = Contents(path);
  const size_t begin = readme.find(kBegin), end = readme.find(kEnd);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const size_t from = begin + std::string(kBegin).size();
  const std::string table = Table();
  if (std::getenv("DISPATCHER_WRITE_TABLES") != nullptr) {
    std::ofstream(path) << readme.replace(from, end - from, table);
    return;
  }
  CHECK(readme.substr(from, end - from) == table);
}

}  // namespace
}  // namespace dispatcher
