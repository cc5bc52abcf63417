// deploy/prometheus: valid, tested, described.
#include "tests/admin/metrics_text.h"
#include "tests/support/catch.h"
#include "tests/support/prometheus.h"

namespace dispatcher {
namespace {

const std::string kFolder = TEST_DATA "/../../deploy/prometheus/";

// The text of each alert, in one line, by its name.
std::map<std::string, std::string> Alerts() {
  const std::string file = ProjectFile("deploy/prometheus/alerts.yml");
  std::string text;
  for (const std::string_view line : Split(file, '\n')) {
    text.append(Trim(line)).append(" ");
  }
  constexpr std::string_view start = "- alert: ";
  std::map<std::string, std::string> alerts;
  for (size_t at = text.find(start); at != std::string::npos;) {
    const size_t next = text.find(start, at + 1);
    const size_t name = at + start.size();
    alerts[text.substr(name, text.find(' ', name) - name)] = text.substr(at, next - at);
    at = next;
  }
  return alerts;
}

// ` `-quoted words behind "dispatcher ": the commands that a text names.
std::set<std::string> CommandsIn(const std::string& text) {
  constexpr std::string_view start = "`dispatcher ";
  std::set<std::string> commands;
  for (size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
    const size_t begin = at + start.size();
    commands.insert(text.substr(begin, text.find_first_of(" `", begin) - begin));
  }
  return commands;
}

TEST_CASE("promtool finds nothing wrong with the rules and the example of a configuration") {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"check", "config", kFolder + "prometheus.yml"},
        {"check", "rules", "--lint=all", "--lint-fatal", kFolder + "alerts.yml", kFolder + "rules.yml"}}) {
    const testing::PromtoolAnswer answer = testing::Promtool(command).value();
    INFO(answer.output);
    CHECK(answer.code == 0);
  }
}

TEST_CASE("Each alert fires when it should and not before") {
  const testing::PromtoolAnswer answer =
      testing::Promtool({"test", "rules", TEST_DATA "/../admin/rules/alerts_test.yml"}).value();
  INFO(answer.output);
  CHECK(answer.code == 0);
}

TEST_CASE("Each alert has its tests, its severity, a command that tells more, and a line in the README") {
  const std::set<std::string> known = {"config", "explain", "plan", "record", "release"};
  const std::string tests = ProjectFile("tests/admin/rules/alerts_test.yml");
  const std::string readme = ProjectFile("README.md");
  const std::map<std::string, std::string> alerts = Alerts();
  CHECK(alerts.size() > 20);
  for (const auto& [name, text] : alerts) {
    CAPTURE(name);
    std::string severity;
    for (const std::string one : {"critical", "warning", "info"}) {
      if (text.find("labels: {severity: " + one + "}") != std::string::npos) {
        severity = one;
      }
    }
    CHECK(severity != "");
    CHECK(text.find("summary: ") != std::string::npos);
    CHECK(text.find("description: ") != std::string::npos);
    // Commands, or what an operator can ask over HTTP where no process answers.
    const std::set<std::string> commands = CommandsIn(text);
    CHECK((!commands.empty() || text.find("`curl ") != std::string::npos));
    CHECK(std::includes(known.begin(), known.end(), commands.begin(), commands.end()));
    CHECK(readme.find("| `" + name + "` | " + severity + " | ") != std::string::npos);

    const std::string asked = "alertname=\"" + name + "\", severity=\"" + severity + "\"";
    std::set<char> seen;  // how many fire
    for (size_t at = tests.find(asked); at != std::string::npos; at = tests.find(asked, at + 1)) {
      seen.insert(tests.at(tests.find("value: ", at) + std::string_view("value: ").size()));
    }
    CHECK(seen == std::set<char>{'0', '1'});
  }
}

}  // namespace
}  // namespace dispatcher
