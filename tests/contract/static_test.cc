// Services that are no apps: every adapter reads back whose they are, and keeps them
// apart from apps of nearly the same name.
#include "tests/contract/on_each.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

Service Static(const Subject& subject) {
  Profile profile;
  profile.names = {"docs"};
  return MakeService("static.docs", {{"static.docs.10.0.0.1_5050", subject.hosts()[0], 5050}}, profile);
}

TEST_CASE("a static service's key and tasks read back equal, beside an app called alike") {
  OnEach([](Subject& subject, const std::string& owner) {
    const auto adapter = subject.Make(owner);
    Entries wanted = Rendered(*adapter, Static(subject));
    for (auto& [id, entry] :
         Rendered(*adapter, MakeService("/static.docs", {{"static-docs.1", subject.hosts()[0], 5051}}))) {
      CHECK(wanted.emplace(id, entry).second);
    }
    CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
    CHECK(Difference(*adapter, wanted) == "");
    const absl::StatusOr<Entries> read = ReadAll(*adapter);
    REQUIRE(read.ok());
    std::map<std::string, size_t> of;
    for (const auto& [id, entry] : *read) {
      ++of[entry.service.app];
    }
    CHECK(of.size() == 2);
    CHECK(of["static.docs"] > 0);
    CHECK(of["static.docs"] == of["/static.docs"]);
    CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
    CHECK(Difference(*adapter, {}) == "");
  });
}

}  // namespace
}  // namespace dispatcher::testing
