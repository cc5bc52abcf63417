// Everything of ours goes, nothing else does, on every registry.
#include "dispatcher/engine/uninstaller.h"

#include "tests/contract/on_each.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

UninstallReport UninstallFrom(Subject& subject, const std::string& owner, bool dry_run) {
  Settings settings;
  settings.owner = owner;
  AdapterSettings adapter;
  adapter.name = adapter.type = "subject";
  settings.adapters = {adapter};
  UninstallOptions options;
  options.dry_run = dry_run;
  options.make_adapter = [&](const AdapterSettings&, const Settings&) {
    return absl::StatusOr<std::unique_ptr<Adapter>>(subject.Make(owner));
  };
  absl::StatusOr<UninstallReport> report = Uninstall(settings, SystemClock(), options);
  REQUIRE(report.ok());
  return *std::move(report);
}

// More tasks than any brake lets go, an app without any, and one of another framework.
Entries Populate(Subject& subject, const std::string& owner) {
  const std::string host = subject.hosts()[0];
  std::vector<TaskSpec> tasks;
  for (uint16_t i = 1; i <= 12; ++i) {
    tasks.push_back({"web." + std::to_string(i), host, static_cast<uint16_t>(31000 + i)});
  }
  Entries all;
  for (const auto& [framework, service] :
       {std::pair<std::string, Service>("framework-1", MakeService("/web", tasks)),
        std::pair<std::string, Service>("framework-1", MakeService("/idle", {})),
        std::pair<std::string, Service>("framework-2", MakeService("/old", {{"old.1", host, 32001}}))}) {
    const auto adapter = subject.Make(owner);
    adapter->SetFramework(framework);
    REQUIRE(ReadAll(*adapter).ok());
    const Entries entries = Rendered(*adapter, service);
    REQUIRE(AllOk(WriteAll(*adapter, Puts(entries))));
    all.insert(entries.begin(), entries.end());
  }
  return all;
}

TEST_CASE("uninstall looks first, then removes what is ours and nothing else") {
  OnEach([](Subject& subject, const std::string& owner) {
    const Entries all = Populate(subject, owner);
    if (subject.shared()) {
      subject.PutForeign(owner);
    }

    const UninstallReport found = UninstallFrom(subject, owner, true);
    CHECK(found.waiting.empty());
    CHECK(found.plans.at(0).changes.size() >= all.size());
    const auto reader = subject.Make(owner);
    CHECK(ReadAll(*reader)->size() >= all.size());  // only looked

    const UninstallReport removed = UninstallFrom(subject, owner, false);
    CAPTURE(removed.waiting);
    CHECK(removed.waiting.empty());
    CHECK(removed.plans.at(0).changes.empty());
    CHECK(removed.adapters.at(0).state.deletes == found.plans.at(0).changes.size());
    const absl::StatusOr<Entries> left = ReadAll(*subject.Make(owner));
    REQUIRE(left.ok());
    CHECK(left->empty());
    CHECK((!subject.shared() || subject.HasForeign(owner)));
    CHECK(UninstallFrom(subject, owner, false).adapters.at(0).state.deletes == 0);
  });
}

TEST_CASE("uninstall says which registry it could not ask") {
  Settings settings;
  AdapterSettings consul;
  consul.name = consul.type = "consul";
  consul.url = "http://127.0.0.1:1";
  settings.adapters = {consul};
  UninstallOptions options;
  options.timeout = std::chrono::milliseconds(200);
  const absl::StatusOr<UninstallReport> report = Uninstall(settings, SystemClock(), options);
  REQUIRE(report.ok());
  REQUIRE(report->waiting.size() == 1);
  CHECK(report->waiting[0].find("consul") != std::string::npos);
  CHECK(report->adapters[0].state.failing.size() == 1);
}

}  // namespace
}  // namespace dispatcher::testing
