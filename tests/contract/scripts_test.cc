// What scripts.h declares; named like a test because only those are built here.
#include "tests/contract/scripts.h"

#include <fstream>
#include <memory>
#include <utility>

#include "dispatcher/base/json.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {

std::vector<ScriptCall> CallsOf(const std::string& script, const std::string& to,
                                const std::map<std::string, std::string>& replace) {
  std::ifstream file(TEST_DATA "/scripts/calls.jsonl");
  std::vector<ScriptCall> calls;
  for (std::string line; std::getline(file, line);) {
    const JsonDocument document = *JsonDocument::Parse(line);
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
    for (const auto& [from, by] : replace) {
      for (size_t at = call.body.find(from); at != std::string::npos;
           at = call.body.find(from, at + by.size())) {
        call.body.replace(at, from.size(), by);
      }
    }
    calls.push_back(std::move(call));
  }
  REQUIRE_FALSE(calls.empty());
  return calls;
}

std::vector<Adoption> AdoptScripts(Adapter& adapter, const std::vector<Service>& services, bool dry_run) {
  AdoptionRequest request;
  request.from = "scripts";
  for (const Service& service : services) {
    request.services.push_back(std::make_shared<const Service>(service));
  }
  request.dry_run = dry_run;
  request.deadline = MonoClock::now() + std::chrono::seconds(30);
  return adapter.Adopt(request, Cancel());
}

std::string Outcomes(const std::vector<Adoption>& adoptions) {
  std::string text;
  for (const Adoption& adoption : adoptions) {
    constexpr const char* kWords[] = {"taken ", "would ", "left ", "failed "};
    text += kWords[static_cast<int>(adoption.outcome)] + adoption.what + "\n";
  }
  return text;
}

std::string Reasons(const std::vector<Adoption>& adoptions) {
  std::string text;
  for (const Adoption& adoption : adoptions) {
    text += adoption.why + "\n";
  }
  return text;
}

}  // namespace dispatcher::testing
