#include "dispatcher/model/entry.h"

#include <functional>
#include <set>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

Entry Sample() {
  Entry entry;
  entry.id = {"10.0.0.1", "service", "dispatcher:web"};
  entry.service = {"/web", 1};
  entry.task = "web.instance-1._app.1";
  entry.fields = {{"Address", "10.0.0.1"}, {"Port", "31000"}};
  return entry;
}

TEST_CASE("a fingerprint is the same in every run and on every machine") {
  CHECK(Sample().Fingerprint() == 0x95b9326bb3d896ceULL);
  CHECK(Entry{}.Fingerprint() == 0x297e3ce8d6656e9cULL);
}

TEST_CASE("fields, service and task each change the fingerprint") {
  const std::function<void(Entry&)> changes[] = {
      [](Entry&) {},
      [](Entry& e) { e.service.app = "/web2"; },
      [](Entry& e) { e.service.port = 0; },
      [](Entry& e) { e.task = "web.instance-1._app.2"; },
      [](Entry& e) { e.task.clear(); },
      [](Entry& e) { e.fields["Port"] = "31001"; },
      [](Entry& e) { e.fields.erase("Port"); },
      [](Entry& e) { e.fields["Tags"] = ""; },
      [](Entry& e) {
        e.fields = {{"Address", "10.0.0.1Port31000"}};
      },
      [](Entry& e) {
        e.fields = {{"AddressPort", "10.0.0.1"}, {"", "31000"}};
      },
  };
  std::set<uint64_t> seen;
  for (const auto& change : changes) {
    Entry entry = Sample();
    change(entry);
    CHECK(seen.insert(entry.Fingerprint()).second);
  }
}

TEST_CASE("where an entry lives and its order do not change the fingerprint") {
  Entry moved = Sample();
  moved.id.lane = "10.0.0.2";
  moved.rank = 3;
  CHECK(moved.Fingerprint() == Sample().Fingerprint());
}

}  // namespace
}  // namespace dispatcher
