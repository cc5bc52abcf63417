// A permit that ends while the registry is asked something: whatever comes next, no write
// starts any more. Which call is the slow one is tried in turn.
#include <atomic>
#include <functional>

#include "adapters/consul/consul.h"
#include "tests/contract/kong_subjects.h"
#include "tests/contract/subjects.h"
#include "tests/contract/vulcand_place.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"
#include "tests/support/fake_consul.h"
#include "tests/support/wait.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

using Passing = CountingProxy::Passing;

// Makes an adapter of the registry at that URL.
using Making = std::function<std::unique_ptr<Adapter>(const std::string& url)>;

// The number of writes that begin after the permit's end, if that comes while the call of that
// number is under way; -1 if there are not so many calls.
int WritesTooLate(CountingProxy& proxy, Adapter& adapter, const std::vector<Change>& changes, int slow) {
  constexpr std::chrono::milliseconds permit(60);
  std::atomic<int> calls = 0, late = -1;
  const Mono end = MonoClock::now() + permit;
  proxy.Meddle([&](const HttpCall& call, const Passing& pass) {
    if (calls++ == slow) {
      HttpReply reply = pass(call);
      WaitFor([&] { return MonoClock::now() > end + permit / 3; });
      late = 0;
      return reply;
    }
    late += late >= 0 && call.method != "GET" && !call.path.ends_with("/range") ? 1 : 0;
    return pass(call);
  });
  const auto results = WriteAll(adapter, changes, permit);
  proxy.Meddle({});
  return late;
}

void TryEachCall(const std::string& registry, const Making& make) {
  CountingProxy proxy(registry);
  constexpr int many = 40;
  for (const bool removal : {false, true}) {
    for (int slow = 0; slow < many; ++slow) {
      INFO((removal ? "removal" : "creation") << ", slow is call " << slow);
      Profile profile;
      const std::string app = (removal ? "/gone" : "/new") + std::to_string(slow);
      profile.hosts = {app.substr(1) + ".test"};
      profile.service_port = FreePort();
      const std::string host = "10.0." + std::to_string(slow) + (removal ? ".2" : ".1");
      // The second one is held back at an agent of Consul, by a call of its own.
      const Service service = MakeService(
          app, {{app.substr(1) + ".1", host}, {app.substr(1) + ".2", host, 31001, Condition::kCritical}},
          profile);
      const auto adapter = make(proxy.url());
      const Entries wanted = Rendered(*adapter, service);
      if (removal) {
        REQUIRE(AllOk(WriteAll(*adapter, Puts(wanted))));
      }
      const int late =
          WritesTooLate(proxy, *make(proxy.url()), removal ? Deletes(wanted) : Puts(wanted), slow);
      CHECK(late <= 0);
      if (late < 0) {
        CHECK(slow > 0);
        break;
      }
    }
  }
}

TEST_CASE("no write starts when the permit has ended during the call before it") {
  SECTION("Consul, mode catalog") {
    FakeConsul fake;
    TryEachCall(fake.url(), [](const std::string& url) {
      ConsulOptions options;
      options.url = url;
      return *MakeConsulAdapter(options);
    });
  }
  SECTION("Consul, mode agent") {
    FakeConsul fake;
    TryEachCall(fake.url(), [](const std::string& url) {
      ConsulOptions options;
      options.url = url;
      options.agent_url = url + "/agent/{host}";
      options.mode = "agent";
      return *MakeConsulAdapter(options);
    });
  }
  SECTION("Vulcand") {
    const auto model = *VulcandModel::Start({});
    TryEachCall(model->url(), [](const std::string& url) { return VulcandPlace{url, "", "", 3}.Make("o"); });
  }
  SECTION("Vulcand, engine etcd") {
    std::string why;
    EtcdServer* const server = SharedEtcd(why);
    if (server == nullptr) {
      WARN("skipped: " << why);
      return;
    }
    TryEachCall(server->url(), [key = FreshOwner()](const std::string& url) {
      VulcandOptions options;
      options.owner = "o";
      options.url = "http://127.0.0.1:1";  // nobody there to ask
      options.engine = "etcd";
      options.etcd_url = url;
      options.etcd_key = key;
      return *MakeVulcandAdapter(options);
    });
  }
  SECTION("Kong") {
    KongRig rig("2.8.5");
    TryEachCall(rig.kong().admin_url(), [&](const std::string& url) {
      KongOptions options = rig.Options();
      options.url = url;
      return *MakeKongAdapter(options);
    });
  }
}

}  // namespace
}  // namespace dispatcher::testing
