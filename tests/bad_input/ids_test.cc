// Ids of every alphabet and every trick: whatever an app and its tasks are called, their
// entries are their own, and no registry is asked for another path than it should be.
#include <algorithm>
#include <map>

#include "adapters/consul/consul.h"
#include "adapters/kong/kong.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/vulcand.h"
#include "dispatcher/base/strings.h"
#include "tests/bad_input/stage.h"
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

const std::string kIds[] = {"/web",
                            "/a/b",
                            "/a-b",
                            "/a_b",
                            "/a.b",
                            "/a b",
                            "/A/B",
                            "/..",
                            "/../../v1/agent/leave",
                            "/.",
                            "/%2e%2e/x",
                            "/a%2Fb",
                            "/a?b=c",
                            "/a#b",
                            "/a;b",
                            "/a&b",
                            "/a+b",
                            "/a:b",
                            "/a~",
                            "/a.0.~",
                            "/a\\b",
                            "/a\"b",
                            "/a'b",
                            "/a`b",
                            "/<b>",
                            "/a\r\nX-Evil: b",
                            "/a\nb",
                            "/a\tb",
                            std::string("/a\0b", 4),
                            "/\xc3\xa9t\xc3\xa9",
                            "/\xd1\x81\xd0\xb5\xd1\x80\xd0\xb2\xd0\xb5\xd1\x80",
                            "/\xd7\xa9\xd7\xa8\xd7\xaa",
                            "/\xe6\x97\xa5\xe6\x9c\xac",
                            "/\xf0\x9f\x92\xa9",
                            "/\xe2\x80\xae\x65vil",
                            "/\xef\xbb\xbf\x62om",
                            "/\xff\xfe",
                            "/" + std::string(300, 'a'),
                            "/" + std::string(300, 'a') + "b",
                            "/" + std::string(10'000, 'x'),
                            "/dispatcher.a",
                            "/shared",
                            "/a.shared",
                            "/__61"};

// The service of the app's one port, with one task whose id is made of the app's.
std::shared_ptr<const Service> ServiceOf(const std::string& id) {
  Driver driver;
  driver.Attach();
  AppSeen seen;
  auto definition = App1(id);
  definition->ports[0].protocol = "http,tcp";
  seen.definition = definition;
  seen.tasks.resize(1);
  seen.tasks[0].task = id.substr(1) + ".instance-1._app.1";
  seen.tasks[0].life = Life::kRunning;
  seen.tasks[0].host = "10.0.0.1";
  seen.tasks[0].ports = {31000};
  seen.tasks[0].version = kV1;
  seen.tasks[0].version_at = StampOf(kV1);
  driver.Snapshot({seen});
  return driver.catalog.Build({id, 0});
}

std::vector<std::unique_ptr<Adapter>> Adapters(const std::string& url) {
  ConsulOptions consul;
  VulcandOptions vulcand;
  KongOptions kong;
  consul.url = vulcand.url = kong.url = url;
  consul.expose = vulcand.expose = kong.expose = "all";
  std::vector<std::unique_ptr<Adapter>> adapters;
  adapters.push_back(*MakeConsulAdapter(consul));
  adapters.push_back(*MakeVulcandAdapter(vulcand));
  adapters.push_back(*MakeKongAdapter(kong));
  return adapters;
}

std::vector<Entry> EntriesOf(const Adapter& adapter, const Service& service) {
  const Rendered rendered = adapter.Render(service);
  std::vector<Entry> entries = rendered.structure;
  for (const auto& instance : service.instances) {
    for (Entry& entry : rendered.published ? adapter.Render(service, *instance) : std::vector<Entry>()) {
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

TEST_CASE("an app of any id has a DNS name or is refused, with what to do") {
  for (const std::string& id : kIds) {
    INFO(id);
    const auto service = ServiceOf(id);
    REQUIRE(service != nullptr);
    REQUIRE(service->profile != nullptr);
    const std::string& name = service->profile->names.at(0);
    const bool sound = !name.empty() && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
    CHECK((sound || name.empty()));
    for (const auto& adapter : Adapters("http://127.0.0.1:1")) {
      const Rendered rendered = adapter->Render(*service);
      const std::string refusal(rendered.refusal);
      INFO(refusal);
      const bool too_long = id.size() > 250 && refusal.find("longer than") != std::string::npos;
      CHECK((rendered.published == sound || too_long));
      CHECK((sound || refusal.find("label it dispatcher.name") != std::string::npos));
    }
  }
}

TEST_CASE("entries of different ids are different, and Vulcand's and Kong's can be read back") {
  std::map<std::pair<size_t, EntryId>, std::string> owners;
  for (const std::string& id : kIds) {
    const auto service = ServiceOf(id);
    const auto adapters = Adapters("http://127.0.0.1:1");
    for (size_t i = 0; i < adapters.size(); ++i) {
      for (const Entry& entry : EntriesOf(*adapters[i], *service)) {
        INFO(id << ": " << entry.id.id);
        // A Kong target is its address; the service before it is in its id all the same.
        CHECK(owners.emplace(std::pair(i, entry.id), id).second);
        CHECK(entry.service.app == id);
      }
    }
    CHECK(ParseVulcandId("dispatcher", VulcandId("dispatcher", {id, 0})) == ServiceKey{id, 0});
  }
}

TEST_CASE("whatever an app is called, a registry is asked for its own paths alone") {
  for (const std::string& id : kIds) {
    BadServer server;
    // At once an empty Consul, Vulcand and Kong.
    server.On(
        "/",
        Says(
            R"({"version":"3.9.3","configuration":{"database":"postgres"},"id":"x","data":[],"Frontends":[],)"
            R"("Listeners":[],"Backends":[],"Servers":[],"Middlewares":[]})"));
    server.On("/v1/catalog/node/", Says("null"));
    server.On("/v1/txn", Says(R"({"Results":[],"Errors":null})"));
    const auto service = ServiceOf(id);
    for (const auto& adapter : Adapters(server.url())) {
      const std::vector<Entry> entries = EntriesOf(*adapter, *service);
      for (const Op op : {Op::kPut, Op::kDelete}) {
        std::vector<Change> changes;
        for (const Entry& entry : entries) {
          Change change;
          change.op = op;
          change.id = entry.id;
          change.entry = std::make_shared<const Entry>(entry);
          changes.push_back(std::move(change));
        }
        adapter->Write("", changes, MonoClock::now() + std::chrono::seconds(10), {});
      }
    }
    for (const std::string& asked : server.Asked()) {
      INFO(id << ": " << asked.substr(0, 500));
      const std::string target = asked.substr(asked.find(' ') + 1);
      const std::vector<std::string_view> segments =
          Split(std::string_view(target).substr(0, target.find('?')), '/');
      REQUIRE(segments.size() >= 2);
      const std::string first = std::string(segments[1]);
      CHECK((first.empty() || first == "v1" || first == "v2" || first == "services" || first == "routes" ||
             first == "upstreams" || first == "plugins"));
      CHECK(segments.size() <= 6);
      CHECK(
          std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; }));
      for (const std::string_view segment : segments) {
        CHECK((segment != "." && segment != ".."));
        CHECK(
            (segment.find("%2F") == std::string_view::npos && segment.find("%2f") == std::string_view::npos));
      }
      CHECK((target.find("leave") == std::string::npos || target.find("v1/agent") == std::string::npos));
    }
  }
}

}  // namespace
}  // namespace dispatcher::testing
