// Pods: several tasks an instance, each with endpoints and health of its own.
#include <algorithm>

#include "dispatcher/catalog/labels.h"
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

const InstanceId kOne = "shop_cart.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c";
const InstanceId kTwo = "shop_cart.instance-d7c311a4-b669-11e6-a48f-0ea4f4b1778c";

PortSpec PodEndpoint(const char* name, const char* container, int container_port,
                     std::optional<int> host_port) {
  PortSpec port;
  port.name = name;
  port.container = container;
  port.container_port = container_port;
  port.host_port = host_port;
  return port;
}

// Container "web" with the endpoints "web" (host port) and "admin" (none), "log"
// with "log" (host port); `checked` containers have a health check.
std::shared_ptr<Definition> Pod(const char* version = kV1, int instances = 1,
                                const std::vector<std::string>& checked = {}) {
  auto pod = std::make_shared<Definition>();
  pod->id = "/shop/cart";
  pod->is_pod = true;
  pod->version = version;
  pod->version_at = pod->config_changed_at = StampOf(version);
  pod->instances = instances;
  pod->network = NetworkMode::kContainer;
  pod->has_mappings = true;
  pod->ports = {PodEndpoint("web", "web", 8080, 0), PodEndpoint("admin", "web", 9090, std::nullopt),
                PodEndpoint("log", "log", 514, 0)};
  for (const std::string& container : checked) {
    pod->checks.emplace_back();
    pod->checks.back().protocol = CheckProtocol::kCommand;
    pod->checks.back().container = container;
  }
  return pod;
}

TaskSeen SeenContainer(const InstanceId& instance, const std::string& container, int port,
                       std::optional<bool> healthy = std::nullopt, const char* version = kV1) {
  TaskSeen task = SeenTask(instance + "." + container, port, version);
  task.ips = {"9.0.0.2"};
  task.mesos_healthy = healthy;
  return task;
}
TaskUpdate ContainerUpdate(const InstanceId& instance, const std::string& container, Life life, int port = 0,
                           const char* version = kV1) {
  TaskUpdate update = Update("/shop/cart", instance + "." + container, life, port, version);
  update.ips = {"9.0.0.2"};
  return update;
}
InstanceUpdate Changed(const InstanceId& instance, Life life, const char* word, const char* version = kV1) {
  return {"/shop/cart", instance, life, word, "10.0.0.1", version, StampOf(version) + 1000};
}
HealthUpdate Whole(const InstanceId& instance, bool alive, WallMs at) {
  HealthUpdate update;
  update.app = "/shop/cart";
  update.instance = instance;
  update.alive = alive;
  update.whole = true;
  update.at = StampOf(kV1) + at;
  return update;
}
DeploymentUpdate Deploying(const char* verb, DeploymentPhase phase = DeploymentPhase::kStep) {
  DeploymentUpdate update;
  update.id = "d1";
  update.version = kV2;
  update.phase = phase;
  update.all = update.current = {{verb, "/shop/cart"}};
  return update;
}

// All three services, without those that are not wanted any more.
Lines Wanted(const Driver& driver) {
  Lines lines;
  for (int port = 0; port < 3; ++port) {
    for (const std::string& line : driver.Instances("/shop/cart", port)) {
      if (line.find(" no ") == std::string::npos) {
        lines.push_back(std::to_string(port) + " " + line.substr(kOne.size() + 1));
      }
    }
  }
  return lines;
}
const Lines kServed = {"0 web@10.0.0.1:31000 yes passing", "1 web@9.0.0.2:9090 yes passing",
                       "2 log@10.0.0.1:31001 yes passing"};

bool ReadWantedIn(const Effects& effects) { return !effects.reads.empty(); }

// Attached, the pod known, nothing of it running.
struct KnownPod : Driver {
  explicit KnownPod(std::shared_ptr<const Definition> pod = Pod(), CatalogPolicy policy = {})
      : Driver(std::move(policy)) {
    Attach();
    Snapshot({SeenApp(std::move(pod))});
  }
  void RunOne() {
    Push(ContainerUpdate(kOne, "web", Life::kRunning, 31000));
    Push(ContainerUpdate(kOne, "log", Life::kRunning, 31001));
    Push(Changed(kOne, Life::kRunning, "Running"));
  }
};

TEST_CASE("a pod is published under its name and its endpoints' names") {
  const auto profiles = MakeProfiles(*Pod(), {});
  REQUIRE(profiles.size() == 3);
  CHECK(profiles[0]->names == Lines{"shop-cart"});
  CHECK(profiles[1]->names == Lines{"shop-cart-admin"});
  CHECK(profiles[2]->names == Lines{"shop-cart-log"});
}

TEST_CASE("labels of pods and endpoints are those of apps and ports") {
  auto pod = Pod();
  pod->labels = {{"dispatcher.name", "basket"}, {"dispatcher.1.enable", "false"}};
  pod->ports[2].labels = {{"dispatcher.name", "lumber"}};
  const auto profiles = MakeProfiles(*pod, {});
  CHECK(profiles[0]->names == Lines{"basket"});
  CHECK(profiles[1]->off);
  CHECK(profiles[2]->names == Lines{"lumber"});
}

TEST_CASE("an endpoint that nobody can reach is refused, with the remedy") {
  auto pod = Pod();
  pod->network = NetworkMode::kBridge;
  const auto profiles = MakeProfiles(*pod, {});
  CHECK(profiles[0]->refusal.empty());
  CHECK(profiles[1]->refusal ==
        "it has no host port, nor has its pod an address of its own: give it hostPort: 0");
  pod->network = NetworkMode::kContainer;
  CHECK(MakeProfiles(*pod, {})[1]->refusal.empty());
}

TEST_CASE("a check belongs to the first endpoint of its container, or the one it names") {
  auto pod = Pod(kV1, 1, {"log", "web"});
  pod->checks[1].port_index = 1;
  const auto profiles = MakeProfiles(*pod, {});
  CHECK(profiles[0]->checks.empty());
  CHECK(profiles[1]->checks.size() == 1);
  CHECK(profiles[2]->checks.size() == 1);
}

TEST_CASE("events alone and reads alone lead to the same services") {
  for (const std::string incarnation : {"", ".1"}) {  // ids up to 1.7, and since
    const Lines served = {"0 web" + incarnation + "@10.0.0.1:31000 yes passing",
                          "1 web" + incarnation + "@9.0.0.2:9090 yes passing",
                          "2 log" + incarnation + "@10.0.0.1:31001 yes passing"};
    KnownPod told;
    told.Push(ContainerUpdate(kOne, "log" + incarnation, Life::kRunning, 31001));
    CHECK(Wanted(told) == Lines{served[2]});
    told.Push(ContainerUpdate(kOne, "web" + incarnation, Life::kRunning, 31000));
    const Effects last = told.Push(Changed(kOne, Life::kRunning, "Running"));
    CHECK(Wanted(told) == served);
    CHECK_FALSE(ReadWantedIn(last));

    const AppSeen seen = SeenApp(Pod(), {SeenContainer(kOne, "web" + incarnation, 31000),
                                         SeenContainer(kOne, "log" + incarnation, 31001)});
    Driver read;
    read.Attach();
    read.Snapshot({seen});
    CHECK(Wanted(read) == served);

    // And either after the other changes nothing.
    told.dirty.clear();
    told.Snapshot({seen});
    CHECK(Wanted(told) == served);
    read.Push(ContainerUpdate(kOne, "web" + incarnation, Life::kRunning, 31000));
    CHECK(Wanted(read) == served);
  }
}

TEST_CASE("an instance of several containers counts once, when all of them run") {
  KnownPod driver;
  driver.RunOne();
  const AppReport one = *driver.catalog.Explain("/shop/cart", driver.now);
  CHECK(one.tasks.size() == 2);
  CHECK(one.running == 1);
  CHECK(one.serving == 1);
  driver.Push(ContainerUpdate(kTwo, "log", Life::kStaging));
  driver.Push(ContainerUpdate(kTwo, "web", Life::kRunning, 31002));
  const AppSummary both = driver.catalog.Summaries()[0];
  CHECK(both.running == 1);
  CHECK(both.serving == 1);
}

TEST_CASE("a container whose status_update was lost is read") {
  KnownPod driver;
  driver.Push(ContainerUpdate(kOne, "web", Life::kRunning, 31000));
  CHECK_FALSE(ReadWantedIn(driver.last));
  CHECK(ReadWantedIn(driver.Push(Changed(kOne, Life::kRunning, "Running"))));
  REQUIRE_FALSE(driver.reads.empty());
  CHECK(driver.reads.back().what == ReadWanted::What::kApp);
  CHECK(driver.reads.back().pod);
  driver.ReadApp(SeenApp(Pod(), {SeenContainer(kOne, "web", 31000), SeenContainer(kOne, "log", 31001)}));
  CHECK(Wanted(driver) == kServed);
}

TEST_CASE("what an instance's word asks of its containers") {
  struct Case {
    std::string what;
    Life log;  // of the container beside a running one
    bool absent;
    bool asks;
  };
  const std::vector<Case> cases = {
      {"runs", Life::kRunning, false, false},
      {"starts: its own word is missing", Life::kStarting, false, true},
      {"is being killed: no news", Life::kKilling, false, false},
      {"has ended: no news", Life::kTerminal, false, false},
      {"was absent from a read, and may be back", Life::kRunning, true, true},
  };
  for (const Case& expected : cases) {
    INFO(expected.what);
    KnownPod driver;
    driver.Push(ContainerUpdate(kOne, "web", Life::kRunning, 31000));
    driver.Push(ContainerUpdate(kOne, "log", expected.log, 31001));
    if (expected.absent) {
      driver.Snapshot({SeenApp(Pod(), {SeenContainer(kOne, "web", 31000)})});
    }
    CHECK(ReadWantedIn(driver.Push(Changed(kOne, Life::kRunning, "Running"))) == expected.asks);
  }
}

TEST_CASE("a sidecar without endpoints is not waited for") {
  KnownPod driver;
  driver.RunOne();
  CHECK_FALSE(ReadWantedIn(driver.last));
  driver.Push(ContainerUpdate(kOne, "side", Life::kRunning));
  CHECK_FALSE(ReadWantedIn(driver.last));
  CHECK(Wanted(driver) == kServed);
}

TEST_CASE("the end of a container, of an instance, and of the pod") {
  SECTION("one container ends") {
    KnownPod driver;
    driver.RunOne();
    driver.Push(ContainerUpdate(kOne, "web", Life::kTerminal));
    CHECK(Wanted(driver) == Lines{kServed[2]});
  }
  SECTION("one is being killed: out of the routers early") {
    KnownPod driver;
    driver.RunOne();
    driver.Push(ContainerUpdate(kOne, "web", Life::kKilling));
    CHECK(Wanted(driver) == Lines{kServed[2]});
  }
  SECTION("the instance ends, and all its containers with it") {
    KnownPod driver;
    driver.RunOne();
    driver.Push(Changed(kOne, Life::kTerminal, "Killed"));
    CHECK(Wanted(driver).empty());
  }
  SECTION("what is told later of a container nobody knew of does not resurrect it") {
    KnownPod driver;
    driver.Push(ContainerUpdate(kOne, "web", Life::kRunning, 31000));
    driver.Push(Changed(kOne, Life::kTerminal, "Killed"));
    driver.Push(ContainerUpdate(kOne, "log", Life::kRunning, 31001));
    driver.Push(Changed(kTwo, Life::kTerminal, "Killed"));
    driver.Push(ContainerUpdate(kTwo, "log", Life::kRunning, 31002));
    CHECK(Wanted(driver).empty());
  }
  SECTION("... but the next incarnation of it lives") {
    KnownPod driver;
    driver.Push(ContainerUpdate(kOne, "web.1", Life::kRunning, 31000));
    driver.Push(Changed(kOne, Life::kTerminal, "Failed"));
    driver.Push(ContainerUpdate(kOne, "log.2", Life::kRunning, 31001));
    CHECK(Wanted(driver) == Lines{"2 log.2@10.0.0.1:31001 yes passing"});
  }
  SECTION("the pod is deleted, in whatever order that is told") {
    const std::vector<Observation> told = {AppTouched{"/shop/cart", "pod_deleted_event", StampOf(kV2)},
                                           Deploying("StopPod"),
                                           AppTerminated{"/shop/cart", StampOf(kV2) + 9}};
    std::vector<size_t> order = {0, 1, 2};
    do {
      KnownPod driver;
      driver.RunOne();
      for (const size_t i : order) {
        driver.Push(told[i]);
        if (ReadWantedIn(driver.last)) {
          driver.NotFound("/shop/cart");
        }
      }
      INFO(order[0] << order[1] << order[2]);
      CHECK(Wanted(driver).empty());
      for (int port = 0; port < 3; ++port) {
        const auto service = driver.catalog.Build({"/shop/cart", port});
        CHECK(service->want == Want::kNo);
        CHECK(service->why == Why::kEvent);
        for (const auto& instance : service->instances) {
          CHECK(Explained(instance->why));
        }
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
  SECTION("a read sees the deletion before the deployment tells of it") {
    KnownPod driver;
    driver.RunOne();
    driver.Push(AppTouched{"/shop/cart", "pod_deleted_event", StampOf(kV2)});
    driver.NotFound("/shop/cart");
    CHECK_FALSE(Explained(driver.Find("/shop/cart", kOne + ".web")->why));
    driver.Push(Deploying("StopPod"));
    CHECK(Explained(driver.Find("/shop/cart", kOne + ".web")->why));
  }
}

TEST_CASE("all instances run only if each container of each does") {
  const TaskSeen web = SeenContainer(kTwo, "web", 31010), log = SeenContainer(kTwo, "log", 31011);
  for (const bool whole : {true, false}) {
    KnownPod driver;
    driver.RunOne();
    driver.Snapshot({SeenApp(Pod(), whole ? std::vector<TaskSeen>{web, log} : std::vector<TaskSeen>{web})});
    CHECK(Explained(driver.Find("/shop/cart", kOne + ".web")->why) == whole);
  }
}

struct HealthStep {
  std::string what;  // "alive", "not alive": events; "web yes, log no": a read
  std::string web, log;
  bool asks = false;
};

TEST_CASE("health is a container's in reads, an instance's in events") {
  struct Case {
    std::vector<std::string> checked;
    std::vector<HealthStep> steps;
  };
  const std::string serves = "yes passing", fails = "yes critical", waits = "if-there unknown";
  const std::vector<Case> cases = {
      {{}, {{"", serves, serves}, {"not alive", serves, serves}}},
      {{"web"},
       {{"", waits, serves},
        {"alive", serves, serves},
        {"not alive", fails, serves},
        {"web yes", serves, serves}}},
      {{"web"}, {{"web yes", serves, serves}, {"not alive", fails, serves}, {"alive", serves, serves}}},
      {{"web"}, {{"web no", fails, serves}, {"alive", serves, serves}, {"web no", fails, serves}}},
      {{"web", "log"},
       {{"", waits, waits}, {"alive", waits, waits, true}, {"web yes, log yes", serves, serves}}},
      {{"web", "log"},
       {{"web yes", serves, waits}, {"alive", serves, waits, true}, {"web yes, log yes", serves, serves}}},
      {{"web", "log"},
       {{"web yes, log yes", serves, serves},
        {"not alive", waits, waits, true},
        {"web yes, log no", serves, fails},
        {"alive", serves, serves}}},
      {{"web", "log"}, {{"web no, log yes", fails, serves}, {"alive", serves, serves}}},
  };
  for (const Case& c : cases) {
    KnownPod driver(Pod(kV1, 1, c.checked));
    driver.RunOne();
    WallMs at = 1000;
    for (const HealthStep& step : c.steps) {
      INFO(c.checked.size() << " checked: " << step.what << " at " << at);
      at += 1000;
      if (step.what == "alive" || step.what == "not alive") {
        driver.Push(Whole(kOne, step.what == "alive", at));
        CHECK(ReadWantedIn(driver.last) == step.asks);
      } else if (!step.what.empty()) {
        const auto told = [&](const std::string& name) -> std::optional<bool> {
          const size_t place = step.what.find(name);
          return place == std::string::npos ? std::nullopt
                                            : std::optional(step.what.substr(place + 4, 3) == "yes");
        };
        driver.Snapshot({SeenApp(Pod(kV1, 1, c.checked), {SeenContainer(kOne, "web", 31000, told("web")),
                                                          SeenContainer(kOne, "log", 31001, told("log"))})});
      }
      CHECK(Wanted(driver) == Lines{"0 web@10.0.0.1:31000 " + step.web, "1 web@9.0.0.2:9090 " + step.web,
                                    "2 log@10.0.0.1:31001 " + step.log});
    }
  }
}

TEST_CASE("a read that began before a word about health does not overrule it") {
  KnownPod driver(Pod(kV1, 1, {"web"}));
  driver.RunOne();
  const ReadMark before = driver.Mark();
  driver.Push(Whole(kOne, false, 2000));
  driver.Snapshot({SeenApp(Pod(kV1, 1, {"web"}),
                           {SeenContainer(kOne, "web", 31000, true), SeenContainer(kOne, "log", 31001)})},
                  before);
  CHECK(Wanted(driver)[0] == "0 web@10.0.0.1:31000 yes critical");
  // Nor does an old word that comes late overrule a read.
  driver.Snapshot({SeenApp(Pod(kV1, 1, {"web"}),
                           {SeenContainer(kOne, "web", 31000, true), SeenContainer(kOne, "log", 31001)})});
  driver.Push(Whole(kOne, false, 2000));
  driver.Push(Whole(kOne, true, 1000));
  CHECK(Wanted(driver) == kServed);
}

TEST_CASE("health told by another node than the leader does not overrule an event") {
  KnownPod driver(Pod(kV1, 1, {"web"}));
  driver.RunOne();
  driver.Push(Whole(kOne, false, 2000));
  driver.Snapshot({SeenApp(Pod(kV1, 1, {"web"}),
                           {SeenContainer(kOne, "web", 31000, true), SeenContainer(kOne, "log", 31001)})},
                  driver.Mark("m2:8080"));
  CHECK(Wanted(driver)[0] == "0 web@10.0.0.1:31000 yes critical");
}

TEST_CASE("an earlier incarnation's health is not the next one's") {
  KnownPod driver(Pod(kV1, 1, {"web"}));
  driver.Push(ContainerUpdate(kOne, "web.1", Life::kRunning, 31000));
  driver.Push(Whole(kOne, true, 1500));
  driver.Push(ContainerUpdate(kOne, "web.1", Life::kTerminal));
  TaskUpdate next = ContainerUpdate(kOne, "web.2", Life::kRunning, 31000);
  next.at += 5000;
  driver.Push(next);
  CHECK(Wanted(driver)[0] == "0 web.2@10.0.0.1:31000 if-there unknown");
  driver.Push(Whole(kOne, true, 7000));
  CHECK(Wanted(driver)[0] == "0 web.2@10.0.0.1:31000 yes passing");
}

TEST_CASE("an app's instance that ended before its task was heard of does not come to life") {
  Driver driver;
  driver.Attach();
  driver.Snapshot({SeenApp(App1("/web"))});
  const InstanceId instance = "web.instance-c7c311a4-b669-11e6-a48f-0ea4f4b1778c";
  driver.Push(
      InstanceUpdate{"/web", instance, Life::kTerminal, "Failed", "10.0.0.1", kV1, StampOf(kV1) + 2000});
  driver.Push(Update("/web", instance + "._app.1", Life::kRunning, 31000));
  const auto dead = driver.Find("/web", instance + "._app.1");
  CHECK((dead == nullptr || dead->want == Want::kNo));
}

TEST_CASE("where health does not gate, an instance that turned unhealthy is read all the same") {
  CatalogPolicy policy;
  policy.route_when = RouteWhen::kRunning;
  KnownPod driver(Pod(kV1, 1, {"web", "log"}), policy);
  driver.RunOne();
  CHECK(Wanted(driver) == kServed);
  CHECK(ReadWantedIn(driver.Push(Whole(kOne, false, 2000))));
}

TEST_CASE("two versions side by side: each task has the endpoints of its own") {
  auto next = Pod(kV2);
  next->ports.insert(next->ports.begin() + 1, PodEndpoint("debug", "web", 5005, 0));
  KnownPod driver;
  driver.RunOne();
  driver.Push(Deploying("RestartPod"));
  CHECK(ReadWantedIn(driver.last));
  driver.ReadApp(SeenApp(next, {SeenContainer(kOne, "web", 31000), SeenContainer(kOne, "log", 31001)}));
  TaskUpdate web = ContainerUpdate(kTwo, "web", Life::kRunning, 31010, kV2);
  web.ports.push_back(31011);
  driver.Push(web);
  driver.Push(ContainerUpdate(kTwo, "log", Life::kRunning, 31012, kV2));
  CHECK(driver.Instances("/shop/cart", 0) ==
        Lines{kOne + ".web@10.0.0.1:31000 yes passing", kTwo + ".web@10.0.0.1:31010 yes passing"});
  CHECK(driver.Instances("/shop/cart", 1) ==
        Lines{kOne + ".web@9.0.0.2:9090 yes passing", kTwo + ".web@10.0.0.1:31011 yes passing"});
  CHECK(driver.Instances("/shop/cart", 3) == Lines{kTwo + ".log@10.0.0.1:31012 yes passing"});
}

TEST_CASE("an old version that was never read is asked for as a pod's") {
  Driver driver;
  driver.Attach();
  driver.Snapshot({SeenApp(Pod(kV2), {SeenContainer(kOne, "log", 31001, std::nullopt, kV1)})});
  const auto version = std::find_if(driver.reads.begin(), driver.reads.end(), [](const ReadWanted& read) {
    return read.what == ReadWanted::What::kVersion;
  });
  REQUIRE(version != driver.reads.end());
  CHECK(version->pod);
  CHECK(version->version == kV1);
  CHECK(driver.Instances("/shop/cart", 2) == Lines{kOne + ".log@:0 if-there unknown"});
  driver.Push(VersionSeen{"/shop/cart", kV1, Pod(kV1), absl::OkStatus()});
  CHECK(driver.Instances("/shop/cart", 2) == Lines{kOne + ".log@10.0.0.1:31001 yes passing"});
}

}  // namespace
}  // namespace dispatcher
