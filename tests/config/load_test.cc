#include "dispatcher/config/load.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "dispatcher/config/describe.h"
#include "dispatcher/config/table.h"
#include "dispatcher/config/values.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A file that is gone at the end of the test.
class TempFile {
 public:
  explicit TempFile(const std::string& text) {
    char name[] = "/tmp/dispatcher_config_XXXXXX";
    close(mkstemp(name));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string Problem(const ConfigurationSources& sources) {
  const auto loaded = LoadConfiguration(sources);
  return loaded.ok() ? "" : std::string(Message(loaded.status()));
}

// The problem with a file of that content, its path written as FILE.
std::string FileProblem(const std::string& text) {
  const TempFile file(text);
  std::string problem = Problem({.file = file.path(), .environment = {}, .sets = {}});
  for (size_t at; (at = problem.find(file.path())) != std::string::npos;) {
    problem.replace(at, file.path().size(), "FILE");
  }
  return problem;
}

TEST_CASE("Without any source the defaults of settings.h are in force, and one memory adapter") {
  const auto loaded = LoadConfiguration({});
  REQUIRE(loaded.ok());
  Settings table = loaded->settings;
  Settings plain;
  for (const Setting& setting : SettingsTable()) {
    if (setting.key.find('*') == std::string_view::npos) {
      INFO(setting.key);
      CHECK(ValueText(setting, {table}) == ValueText(setting, {plain}));
      CHECK(ValueText(setting, {table}) == setting.fallback);
    }
  }
  REQUIRE(table.adapters.size() == 1);
  CHECK(table.adapters[0].name == "memory");
  CHECK(table.adapters[0].type == "memory");
}

TEST_CASE("The environment wins over the file, and --set over both") {
  const TempFile file(R"(
owner: fromfile
marathon:
  urls: ["http://a:8080", "http://b:8080"]
  resync_interval: 2s
services: {drain: 1m30s, unreachable: 5m}
brake: {confirm_after: 5s}
adapters:
  consul: {mode: agent, script_checks: true}
)");
  const auto loaded = LoadConfiguration({
      .file = file.path(),
      .environment = {{"DISPATCHER_OWNER", "fromenv"},
                      {"DISPATCHER_MARATHON__URLS", "http://c:8080, https://d"},
                      {"DISPATCHER_ADAPTERS__CONSUL__URL", "http://10.0.0.1:8500"},
                      {"PATH", "/bin"},
                      {"DISPATCHER_CONFIG", "/elsewhere"}},
      .sets = {"owner=first", "owner=last", "adapters.other.type=consul"},
  });
  REQUIRE(loaded.ok());
  const Settings& s = loaded->settings;
  CHECK(s.owner == "last");
  CHECK(s.marathon.urls == std::vector<std::string>{"http://c:8080", "https://d"});
  CHECK(s.marathon.resync_interval == seconds(2));
  CHECK(s.services.drain == seconds(90));
  CHECK(s.services.unreachable == "5m");
  CHECK(s.brake.confirm_after == seconds(5));
  REQUIRE(s.adapters.size() == 2);
  CHECK(s.adapters[0].name == "consul");
  CHECK(s.adapters[0].mode == "agent");
  CHECK(s.adapters[0].url == "http://10.0.0.1:8500");
  CHECK(s.adapters[0].agent_url == "http://{host}:8500");
  CHECK(s.adapters[0].script_checks);
  CHECK(s.adapters[1].name == "other");
  CHECK(s.adapters[1].type == "consul");
  CHECK(s.adapters[1].mode == "catalog");
  CHECK(loaded->origins.at("owner") == "--set owner");
  CHECK(loaded->origins.at("marathon.urls") == "DISPATCHER_MARATHON__URLS");
  CHECK(loaded->origins.at("services.drain") == file.path() + ":6");
  CHECK(loaded->origins.count("log.level") == 0);
  CHECK(loaded->warnings.empty());
}

TEST_CASE("Static services are written as a list or under their names") {
  const TempFile list(R"(
static_services:
  - {name: docs, targets: ["10.0.0.5:80", "[::1]:81"], hosts: ["docs.example.com", "*.d.example.com"],
     paths: [/v1], health_path: /ok, interval: 2s, service_port: 10900, adapters: memory, strip_path: true}
  - name: marathon
    kind: marathon-leader
)");
  const auto loaded =
      LoadConfiguration({.file = list.path(),
                         .environment = {{"DISPATCHER_STATIC_SERVICES__MESOS__KIND", "mesos-leader"}},
                         .sets = {"static_services.mesos.targets=m1:5050,m2:5050"}});
  REQUIRE(loaded.ok());
  auto services = loaded->settings.static_services;
  REQUIRE(services.size() == 3);
  const StaticServiceSettings& docs = services["docs"];
  CHECK(docs.kind == "static");
  CHECK(docs.targets == std::vector<std::string>{"10.0.0.5:80", "[::1]:81"});
  CHECK(docs.hosts == std::vector<std::string>{"docs.example.com", "*.d.example.com"});
  CHECK(docs.paths == std::vector<std::string>{"/v1"});
  CHECK(docs.health_path == "/ok");
  CHECK(docs.interval == seconds(2));
  CHECK(docs.service_port == 10900);
  CHECK(docs.adapters == "memory");
  CHECK(docs.strip_path);
  CHECK(services["marathon"].kind == "marathon-leader");
  CHECK(services["marathon"].interval == seconds(5));
  CHECK(services["mesos"].targets.size() == 2);

  const TempFile page(DescribeConfiguration(*loaded));
  const auto again = LoadConfiguration({.file = page.path(), .environment = {}, .sets = {}});
  INFO(DescribeConfiguration(*loaded));
  REQUIRE(again.ok());
  CHECK(again->settings.static_services.at("docs").targets == docs.targets);
  CHECK(again->settings.static_services.at("mesos").kind == "mesos-leader");
  CHECK(FileProblem("static_services: []\n") == "");
}

TEST_CASE("Whether dispatchers elect one that writes is said by any word about it, or by none") {
  struct Case {
    std::string file;
    Environment environment;
    bool configured, alone;
  };
  const std::string consul = "adapters: {consul: {}}\n";
  const std::vector<Case> cases = {
      {consul, {}, false, false},
      {consul + "leader: {}\n", {}, true, false},
      {consul + "leader: {key: a/b}\n", {}, true, false},
      {consul + "leader: none\n", {}, false, true},
      {consul, {{"DISPATCHER_LEADER", "none"}}, false, true},
      {consul, {{"DISPATCHER_LEADER__CONSUL_URL", "http://c:8500"}}, true, false},
      {"leader: {consul_url: \"http://c:8500\"}\n", {}, true, false},
  };
  for (const Case& c : cases) {
    INFO(c.file);
    const TempFile file(c.file);
    const auto loaded = LoadConfiguration({.file = file.path(), .environment = c.environment, .sets = {}});
    REQUIRE(loaded.ok());
    CHECK(loaded->settings.leader.configured == c.configured);
    CHECK(loaded->settings.leader.none.empty() != c.alone);
    const TempFile page(DescribeConfiguration(*loaded));
    INFO(DescribeConfiguration(*loaded));
    const auto again = LoadConfiguration({.file = page.path(), .environment = {}, .sets = {}});
    REQUIRE(again.ok());
    CHECK(again->settings.leader.configured == c.configured);
    CHECK(again->settings.leader.none.empty() != c.alone);
    CHECK(again->settings.leader.key == loaded->settings.leader.key);
  }
  CHECK(Problem({.file = "",
                 .environment = {{"DISPATCHER_LEADER", "none"}},
                 .sets = {"leader.consul_url=http://c:8500"}})
            .find("is none beside other settings of leader (--set leader.consul_url): leave one of the two "
                  "out") != std::string::npos);
}

TEST_CASE("A file may be empty, name empty blocks and configure groups") {
  CHECK(FileProblem("") == "");
  CHECK(FileProblem("adapters: {}\nmarathon: {}\n") == "");
  CHECK(FileProblem("adapters: {consul: {}, memory: {}}\n"
                    "services: {haproxy_groups: {External: consul, both: [consul, memory]}}\n") == "");
}

TEST_CASE("A bad file is refused with the place, the key and the remedy") {
  struct Case {
    std::string text, problem;
  };
  const std::vector<Case> cases = {
      {"owner: Shop\n", "FILE:1: owner \"Shop\" is no owner: write 1 to 20 characters of a-z and 0-9"},
      {"owner: abcdefghijklmnopqrstu\n",
       "FILE:1: owner \"abcdefghijklmnopqrstu\" is no owner: write 1 to 20 "
       "characters of a-z and 0-9"},
      {"\nmarathon:\n  ulrs: [http://a]\n",
       "FILE:3: marathon.ulrs is not a setting: do you mean marathon.urls?"},
      {"marathon:\n  resync_interval: 60\n",
       "FILE:2: marathon.resync_interval \"60\" is not a duration: write 250ms, 60s or 1m30s"},
      {"marathon: {resync_interval: 10ms}\n",
       "FILE:1: marathon.resync_interval \"10ms\" is out of range: write a duration in 1s..24h"},
      {"marathon: {urls: []}\n", "FILE:1: marathon.urls is empty: write at least one URL"},
      {"marathon: {urls:}\n",
       "FILE:1: marathon.urls has no value: write one, {} for an empty block, or leave the key out"},
      {"owner: [a, b]\n", "FILE:1: owner is a list, but takes one value"},
      {"owner: a\nowner: b\n", "FILE:2: owner stands here a second time"},
      {"[owner]\n", "FILE:1: is no map of settings: write lines such as \"owner: dispatcher\""},
      {"brake: {max_removal_percent: 101}\n",
       "FILE:1: brake.max_removal_percent \"101\" is not a whole number in 0..100"},
      {"services: {route_when: healty}\n",
       "FILE:1: services.route_when \"healty\" is none of running, healthy, "
       "ready or deployed: do you mean healthy?"},
      {"services: {unreachable: never}\n",
       "FILE:1: services.unreachable \"never\" is none of drop or keep, or a duration such as 5m"},
      {"services: {unreachable: kep}\n",
       "FILE:1: services.unreachable \"kep\" is none of drop or keep, or a duration such as 5m: do you mean "
       "keep?"},
      {"services: {unreachable: 30}\n",
       "FILE:1: services.unreachable \"30\" is none of drop or keep, or a duration such as 5m"},
      {"services: {unreachable: -5m}\n",
       "FILE:1: services.unreachable \"-5m\" is none of drop or keep, or a duration such as 5m"},
      {"services: {drain: 2h}\n",
       "FILE:1: services.drain \"2h\" is out of range: write a duration in 0s..1h"},
      {"services: {domain: bad_.consul}\n",
       "FILE:1: services.domain \"bad_.consul\" is not a DNS name: write "
       "labels of a-z, 0-9 and - separated by dots"},
      {"services: {haproxy_groups: {external: kong}}\n",
       "FILE:1: services.haproxy_groups.external names the adapter \"kong\", which is not configured"},
      {"http: {listen: \"8090\"}\n",
       "FILE:1: http.listen \"8090\" is no address to listen on: write host:port such "
       "as 127.0.0.1:8090 or [::1]:8090"},
      {"http: {token_file: /no/such/file}\n",
       "FILE:1: http.token_file \"/no/such/file\" can't be read: No such file or directory: put it there, or "
       "name another "
       "one"},
      {"adapters: {memory: {url: \"http://a\"}}\n",
       "FILE:1: adapters.memory.url is not known to adapters of type memory, only to consul, kong or "
       "vulcand: "
       "leave it out"},
      {"adapters: {vulcand: {mode: agent}}\n",
       "FILE:1: adapters.vulcand.mode is not known to adapters of type vulcand, only to consul or kong: "
       "leave it out"},
      {"adapters: {consul: {listeners: true}}\n",
       "FILE:1: adapters.consul.listeners is not known to adapters of type consul, only to vulcand: "
       "leave it out"},
      {"adapters: {kong: {mode: agent}}\n",
       "FILE:1: adapters.kong.mode \"agent\" is none of targets or router"},
      {"adapters: {consul: {publish: router}}\n",
       "FILE:1: adapters.consul.publish is router, which needs adapters.consul.router_address: set it"},
      {"adapters: {consul: {router_address: 10.0.0.1}}\n",
       "FILE:1: adapters.consul.router_address means nothing without router: set adapters.consul.publish to "
       "router, or leave it out"},
      {"adapters: {gw: {type: kong, mode: router}}\n",
       "FILE:1: adapters.gw.mode is router, which needs adapters.gw.router_url: set it"},
      {"adapters: {kong: {router_url: \"http://v\"}}\n",
       "FILE:1: adapters.kong.router_url means nothing without router: set adapters.kong.mode to router, or "
       "leave it out"},
      {"adapters: {vulcand: {engine: etcd}}\n",
       "FILE:1: adapters.vulcand.engine is etcd, which needs adapters.vulcand.etcd_url: set it"},
      {"adapters: {vulcand: {etcd_url: \"http://e:2379\"}}\n",
       "FILE:1: adapters.vulcand.etcd_url means nothing without etcd: set adapters.vulcand.engine to etcd, "
       "or leave it out"},
      {"adapters: {vulcand: {listener_address: \"0.0.0.0:80\"}}\n",
       "FILE:1: adapters.vulcand.listener_address \"0.0.0.0:80\" is no address: write an IP address or a "
       "host name, without a port"},
      {"adapters: {kong: {dbless: yes}}\n", "FILE:1: adapters.kong.dbless \"yes\" is none of whole-file"},
      {"adapters: {my-consul: {type: consul}}\n",
       "FILE:1: adapters.my-consul is no name for an adapter: write a-z and 0-9 only"},
      {"adapters: {traefik: {}}\n",
       "FILE:1: adapters.traefik has the unknown type \"traefik\": set adapters.traefik.type to "
       "consul, kong, memory or vulcand"},
      {"adapters: {a: {type: cosnul, mode: agent}}\n",
       "FILE:1: adapters.a has the unknown type \"cosnul\": do you mean consul?"},
      {"adapters: {consul: {modus: agent}}\n",
       "FILE:1: adapters.consul.modus is not a setting: do you mean adapters.consul.mode?"},
      {"adapters: {consul: {agent_url: \"http://localhost:8500\"}}\n",
       "FILE:1: adapters.consul.agent_url has no {host} to put a host into: write http://{host}:8500"},
      {"static_services: {mesos: {kind: mesos-leader}}\n",
       "FILE:1: static_services.mesos.targets is missing: name at least one host:port"},
      {"static_services:\n- name: m\n  kind: marathon-leader\n  targets: [\"a:1\"]\n",
       "FILE:4: static_services.m.targets means nothing for kind marathon-leader: leave it out"},
      {"static_services: {m: {targets: \"10.0.0.1\"}}\n",
       "FILE:1: static_services.m.targets \"10.0.0.1\" is no target: write host:port such as 10.0.0.1:5050 "
       "or [::1]:5050"},
      {"static_services: {Mesos_: {targets: \"a:1\"}}\n",
       "FILE:1: static_services.Mesos_ is no name for a service: write a-z, 0-9 and - only"},
      {"static_services: {m: {targets: \"a:1\", hosts: [\"a b\"]}}\n",
       "FILE:1: static_services.m.hosts \"a b\" is no host: write a DNS name such as shop.example.com"},
      {"static_services: {m: {targets: \"a:1\", paths: [x]}}\n",
       "FILE:1: static_services.m.paths \"x\" is no path: write one that begins with /"},
      {"static_services: {m: {targets: \"a:1\", health_path: x}}\n",
       "FILE:1: static_services.m.health_path \"x\" is no path: write one that begins with /"},
      {"static_services: {m: {targets: \"a:1\", adapters: [kong]}}\n",
       "FILE:1: static_services.m.adapters names the adapter \"kong\", which is not configured"},
      {"static_services: [{targets: [\"a:1\"]}]\n",
       "FILE:1: static_services is a list in which each item needs a `name`"},
      {"static_services: [{name: m, targets: \"a:1\"}, {name: m, targets: \"a:1\"}]\n",
       "FILE:1: static_services.m stands here a second time"},
      {"static_services: {m: {target: \"a:1\"}}\n",
       "FILE:1: static_services.m.target is not a setting: do you mean static_services.m.targets?"},
      {"leader: {key: a}\n",
       "FILE:1: leader.consul_url is missing: name the Consul that holds the lock, for there is no adapter "
       "of "
       "type consul"},
      {"leader: {ttl: 11s}\nadapters:\n  a: {type: consul}\n  b: {type: consul}\n",
       "FILE:1: leader.consul_url is missing: name the Consul that holds the lock, for there is more than "
       "one "
       "adapter of type consul"},
      {"adapters: {consul: {}}\nleader: {ttl: 9s}\n",
       "FILE:2: leader.ttl \"9s\" is out of range: write a duration in 10s..24h"},
      {"adapters: {consul: {}}\nleader: {key: /a}\n",
       "FILE:2: leader.key \"/a\" is no key: write one such as dispatcher/leader"},
      {"adapters: {consul: {}}\nleader: {token: abc}\n",
       "FILE:2: leader.token is a secret and is not taken from here: use leader.token_file or the variable "
       "DISPATCHER_LEADER__TOKEN"},
      {"leader: nobody\n", "FILE:1: leader \"nobody\" is none of none"},
      {"marathon: {username: me}\n",
       "FILE:1: marathon.username and a password go together: set marathon.username "
       "and marathon.password_file, or neither"},
      {"owner: Bad\nlog: {level: loud}\n",
       "FILE:1: owner \"Bad\" is no owner: write 1 to 20 characters of a-z and "
       "0-9\nFILE:2: log.level \"loud\" is none of debug, info, warning, error "
       "or off"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(FileProblem(c.text) == c.problem);
  }
  CHECK(FileProblem("a: [1\nb: 2\n").find("is not YAML: ") != std::string::npos);
  CHECK(Problem({.file = "/no/such.yaml", .environment = {}, .sets = {}}) ==
        "/no/such.yaml: can't be read: No such file or directory");
}

TEST_CASE("Bad variables and options are refused by their own names") {
  struct Case {
    Environment environment;
    std::vector<std::string> sets;
    std::string problem;
  };
  const std::vector<Case> cases = {
      {{{"DISPATCHER_MARATHON_URLS", "http://a"}},
       {},
       "DISPATCHER_MARATHON_URLS: is not a setting: do you mean DISPATCHER_MARATHON__URLS?"},
      {{{"DISPATCHER_OWNR", "a"}}, {}, "DISPATCHER_OWNR: is not a setting: do you mean DISPATCHER_OWNER?"},
      {{{"DISPATCHER_ADAPTERS__CONSUL__MODE", "x"}},
       {},
       "DISPATCHER_ADAPTERS__CONSUL__MODE: \"x\" is none of catalog or agent"},
      {{},
       {"owner"},
       "--set owner: write --set key=value, such as --set marathon.urls=http://127.0.0.1:8080"},
      {{}, {"owners=a"}, "--set owners: is not a setting: do you mean owner?"},
      {{}, {"brake.window=0s"}, "--set brake.window: \"0s\" is out of range: write a duration in 1s..24h"},
  };
  for (const Case& c : cases) {
    CHECK(Problem({.file = "", .environment = c.environment, .sets = c.sets}) == c.problem);
  }
}

TEST_CASE("A variable of somebody else's with our prefix is skipped and named") {
  const auto loaded = LoadConfiguration(
      {.file = "", .environment = {{"DISPATCHER_COMPILER_LAUNCHER", "ccache"}}, .sets = {}});
  REQUIRE(loaded.ok());
  CHECK(loaded->warnings ==
        std::vector<std::string>{"DISPATCHER_COMPILER_LAUNCHER is not a setting and was ignored"});
}

TEST_CASE("Secrets come from the environment or a file, and are never repeated") {
  constexpr char kSecret[] = "hunter2";
  const TempFile file(std::string("marathon: {username: u, password: ") + kSecret + "}\n");
  const TempFile secret_file(kSecret);
  const std::vector<ConfigurationSources> refused = {
      {.file = file.path(), .environment = {}, .sets = {}},
      {.file = "", .environment = {}, .sets = {std::string("http.token=") + kSecret}},
      {.file = "", .environment = {}, .sets = {std::string("adapters.consul.token=") + kSecret}},
      {.file = "",
       .environment = {{"DISPATCHER_HTTP__TOKEN", kSecret}},
       .sets = {"http.token_file=" + secret_file.path()}},
      {.file = "",
       .environment = {{"DISPATCHER_MARATHON__TOKEN", kSecret}, {"DISPATCHER_MARATHON__PASSWORD", kSecret}},
       .sets = {"marathon.username=u"}},
      {.file = "", .environment = {}, .sets = {std::string("marathon.urls=http://u:") + kSecret + "@h:8080"}},
      {.file = "",
       .environment = {},
       .sets = {std::string("adapters.consul.agent_url=http://u:") + kSecret + "@{host}"}},
  };
  for (const ConfigurationSources& sources : refused) {
    const std::string problem = Problem(sources);
    INFO(problem);
    CHECK(problem != "");
    CHECK(problem.find(kSecret) == std::string::npos);
  }
  CHECK(Problem(refused[1]) ==
        "--set http.token: is a secret and is not taken from here: use http.token_file or "
        "the variable DISPATCHER_HTTP__TOKEN");

  const auto loaded = LoadConfiguration({.file = "",
                                         .environment = {{"DISPATCHER_MARATHON__PASSWORD", kSecret},
                                                         {"DISPATCHER_ADAPTERS__CONSUL__TOKEN", kSecret}},
                                         .sets = {"marathon.username=me"}});
  REQUIRE(loaded.ok());
  CHECK(loaded->settings.marathon.password == kSecret);
  CHECK(loaded->settings.adapters[0].token == kSecret);
  const std::string page = DescribeConfiguration(*loaded);
  CHECK(page.find(kSecret) == std::string::npos);
  CHECK(page.find("# password: set, not shown") != std::string::npos);
  CHECK(page.find("# DISPATCHER_MARATHON__PASSWORD") != std::string::npos);
}

TEST_CASE("Files and accounts that go together are set together, and one way to log in alone") {
  const TempFile file("x");
  struct Case {
    std::vector<std::string> sets;
    const char* problem;
  };
  for (const Case& c : {
           Case{{"http.tls_cert_file=FILE"},
                "--set http.tls_cert_file: needs http.tls_key_file: set both, or neither"},
           Case{{"http.tls_key_file=FILE"},
                "--set http.tls_key_file: needs http.tls_cert_file: set both, or neither"},
           Case{{"http.tls_client_ca_file=FILE"},
                "--set http.tls_client_ca_file: means nothing without TLS: set http.tls_cert_file and "
                "http.tls_key_file too"},
           Case{{"http.tls_cert_file=FILE", "http.tls_key_file=FILE", "http.tls_client_ca_file=FILE"}, ""},
           Case{{"marathon.client_key_file=FILE"},
                "--set marathon.client_key_file: needs marathon.client_cert_file: set both, or neither"},
           Case{{"leader.consul_url=http://127.0.0.1:1", "leader.client_cert_file=FILE"},
                "--set leader.client_cert_file: needs leader.client_key_file: set both, or neither"},
           Case{{"adapters.kong.client_cert_file=FILE"},
                "--set adapters.kong.client_cert_file: needs adapters.kong.client_key_file: set both, or "
                "neither"},
           Case{{"adapters.kong.client_cert_file=FILE", "adapters.kong.client_key_file=FILE"}, ""},
           Case{{"marathon.dcos_uid=me"},
                "--set marathon.dcos_uid: needs marathon.dcos_key_file: set both, or neither"},
           Case{{"marathon.dcos_uid=me", "marathon.dcos_key_file=FILE"}, ""},
           Case{{"marathon.dcos_uid=me", "marathon.dcos_key_file=FILE", "marathon.token_file=FILE"},
                "--set marathon.dcos_uid: and a password or token are two ways to log in: set one"},
       }) {
    ConfigurationSources sources;
    for (std::string set : c.sets) {
      const size_t at = set.find("FILE");
      sources.sets.push_back(at == std::string::npos ? set : set.replace(at, 4, file.path()));
    }
    INFO(c.sets.back());
    CHECK(Problem(sources) == c.problem);
  }
}

TEST_CASE("One key has another default for another type of adapter") {
  const auto loaded = LoadConfiguration(
      {.file = "",
       .environment = {{"DISPATCHER_ADAPTERS__KONG__API_KEY", "hunter2"}},
       .sets = {"adapters.consul.publish=instances", "adapters.kong.delete_with_plugins=true",
                "adapters.memory.expose=all", "adapters.vulcand.listeners=true"}});
  REQUIRE(loaded.ok());
  std::map<std::string, std::string> url, mode, expose;
  for (const AdapterSettings& adapter : loaded->settings.adapters) {
    url[adapter.name] = adapter.url;
    mode[adapter.name] = adapter.mode;
    expose[adapter.name] = adapter.expose;
  }
  using Words = std::map<std::string, std::string>;
  CHECK(url == Words{{"consul", "http://127.0.0.1:8500"},
                     {"kong", "http://127.0.0.1:8001"},
                     {"memory", ""},
                     {"vulcand", "http://127.0.0.1:8182"}});
  CHECK(mode == Words{{"consul", "catalog"}, {"kong", "targets"}, {"memory", ""}, {"vulcand", ""}});
  CHECK(expose == Words{{"consul", "all"}, {"kong", "labelled"}, {"memory", "all"}, {"vulcand", "labelled"}});
  CHECK(loaded->settings.adapters[1].api_key == "hunter2");
  CHECK(loaded->settings.adapters[1].delete_with_plugins);
  CHECK(loaded->settings.adapters[3].listeners);
  CHECK(loaded->settings.adapters[3].listener_address == "0.0.0.0");
}

TEST_CASE("What is shown loads to the same settings") {
  const auto first = LoadConfiguration(
      {.file = "",
       .environment = {},
       .sets = {"marathon.urls=http://a,http://b", "services.drain=250ms", "services.haproxy_groups.x=consul",
                "adapters.consul.mode=agent", "adapters.two.type=consul", "adapters.two.script_checks=true",
                "adapters.gw.type=kong", "adapters.vulcand.engine=etcd",
                "adapters.vulcand.etcd_url=http://e:2379", "adapters.vulcand.listener_address=::1"}});
  REQUIRE(first.ok());
  const std::string page = DescribeConfiguration(*first);
  const TempFile file(page);
  const auto second = LoadConfiguration({.file = file.path(), .environment = {}, .sets = {}});
  INFO(page);
  REQUIRE(second.ok());
  CHECK(second->settings.services.drain == milliseconds(250));
  REQUIRE(second->settings.adapters.size() == 4);
  CHECK(second->settings.adapters[2].script_checks);
  // Every setting stands in the second file: no place is "default", and the rest of the page is equal.
  const std::string again = DescribeConfiguration(*second);
  CHECK(again.find("# default") == std::string::npos);
  CHECK(again.size() > 500);
  const auto values = [](const std::string& text) {
    std::string kept;
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      kept += line.substr(0, line.rfind("  # ")) + "\n";
      at = end + 1;
    }
    return kept;
  };
  CHECK(values(again) == values(page));
}

}  // namespace
}  // namespace dispatcher
