#include "tests/support/script_calls.h"

#include <fstream>
#include <utility>

#include "dispatcher/base/json.h"

namespace dispatcher::testing {
namespace {

void Replace(std::string& text, const std::map<std::string, std::string>& replace) {
  for (const auto& [from, by] : replace) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + by.size())) {
      text.replace(at, from.size(), by);
    }
  }
}

}  // namespace

std::vector<ScriptCall> CallsOf(const std::string& script, const std::string& to,
                                const std::map<std::string, std::string>& replace) {
  std::ifstream file(TEST_DATA "/scripts/calls.jsonl");
  std::vector<ScriptCall> calls;
  for (std::string line; std::getline(file, line);) {
    const JsonDocument document = JsonDocument::Parse(line).value();
    const JsonView json = document.root();
    if (json["script"].StringOr("") != script || json["to"].StringOr("") != to) {
      continue;
    }
    ScriptCall call = {script,
                       to,
                       json["method"].StringOr(""),
                       json["path"].StringOr(""),
                       json["content_type"].StringOr("application/json"),
                       json["body"].StringOr("")};
    Replace(call.path, replace);
    Replace(call.body, replace);
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace dispatcher::testing
