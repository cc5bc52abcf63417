#include "dispatcher/catalog/labels.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using Strings = std::vector<std::string>;
using Labels = std::map<std::string, std::string>;

Definition App(Labels labels, int ports = 1) {
  Definition app;
  app.id = "/shop/cart";
  app.labels = std::move(labels);
  app.ports.resize(static_cast<size_t>(ports));
  for (PortSpec& port : app.ports) {
    port.container_port = 8080 + static_cast<int>(&port - app.ports.data());
  }
  return app;
}
Profile ProfileOf(const Definition& app, size_t port = 0, const CatalogPolicy& policy = {}) {
  return *MakeProfiles(app, policy).at(port);
}

TEST_CASE("without labels: a name, nothing else") {
  const Profile profile = ProfileOf(App({}));
  CHECK(profile.names == Strings{"shop-cart"});
  CHECK_FALSE(profile.http);
  CHECK_FALSE(profile.labelled);
  CHECK(profile.refusal.empty());
  CHECK(profile.weight == 1);
}

TEST_CASE("our labels: on the app, with an index, on the port; the nearest wins") {
  Definition app = App({{"dispatcher.name", "basket"},
                        {"dispatcher.1.name", "admin"},
                        {"dispatcher.weight", "5"},
                        {"dispatcher.tags", "a, b"},
                        {"dispatcher.hosts", "Shop.example.com,*.shop.example.com"},
                        {"dispatcher.paths", "/cart"},
                        {"dispatcher.strip-path", "true"},
                        {"dispatcher.adapters", "consul,kong"},
                        {"dispatcher.shared", "true"}},
                       3);
  app.ports[2].labels["dispatcher.name"] = "metrics";
  app.ports[2].labels["dispatcher.weight"] = "7";
  const Profile first = ProfileOf(app, 0);
  CHECK(first.names == Strings{"basket"});
  CHECK(first.weight == 5);
  CHECK(first.tags == Strings{"a", "b"});
  CHECK(first.hosts == Strings{"shop.example.com", "*.shop.example.com"});
  CHECK(first.paths == Strings{"/cart"});
  CHECK(first.strip_path);
  CHECK(first.http);
  CHECK(first.shared);
  CHECK(first.adapters == Strings{"consul", "kong"});
  CHECK(ProfileOf(app, 1).names == Strings{"admin"});
  CHECK(ProfileOf(app, 2).names == Strings{"metrics"});
  CHECK(ProfileOf(app, 2).weight == 7);
}

TEST_CASE("an app-wide name gets the port's suffix on further ports") {
  CHECK(ProfileOf(App({{"dispatcher.name", "basket"}}, 2), 1).names == Strings{"basket-port1"});
}

TEST_CASE("a bad label costs itself and says how to mend it") {
  struct Row {
    Labels labels;
    const char* said;
  };
  const Row row = GENERATE(values<Row>({
      {{{"dispatcher.weight", "0"}}, "1 to 65535"},
      {{{"dispatcher.weight", "heavy"}}, "1 to 65535"},
      {{{"dispatcher.hosts", "a b"}}, "DNS name"},
      {{{"dispatcher.paths", "cart"}}, "start with /"},
      {{{"dispatcher.name", "///"}}, "[a-z0-9-]"},
      {{{"traefik.frontend.rule", "HeadersRegexp: x"}}, "dispatcher.hosts"},
  }));
  const Profile profile = ProfileOf(App(row.labels));
  REQUIRE(profile.problems.size() == 1);
  CHECK(profile.problems.front().find(row.said) != std::string::npos);
  CHECK(profile.names == Strings{"shop-cart"});
  CHECK(profile.weight == 1);
}

TEST_CASE("a label of ours that means nothing is named, with the nearest that does") {
  struct Row {
    Labels app, port;
    const char* said;  // "" nothing
  };
  const Row row = GENERATE(values<Row>({
      {{{"dispatcher.adaptres", "consul"}},
       {},
       "label dispatcher.adaptres = \"consul\" is left out: do you mean dispatcher.adapters?"},
      {{{"dispatcher.0.nam", "a"}},
       {},
       "label dispatcher.0.nam = \"a\" is left out: do you mean dispatcher.0.name?"},
      {{{"dispatcher.7.name", "a"}},
       {},
       "label dispatcher.7.name = \"a\" is left out: the app has ports 0 to 1 only"},
      {{{"dispatcher.colour", "red"}},
       {},
       "label dispatcher.colour = \"red\" is left out: there is no such label, see the README for all of "
       "them"},
      {{{"dispatcher.route-when", "helthy"}},
       {},
       "label dispatcher.route-when = \"helthy\" is left out: do you mean healthy?"},
      {{},
       {{"dispatcher.route-when", "healthy"}},
       "label dispatcher.route-when = \"healthy\" is left out: it is for all of the app: write it as "
       "dispatcher.route-when on the app"},
      {{},
       {{"dispatcher.wieght", "2"}},
       "label dispatcher.wieght = \"2\" is left out: do you mean dispatcher.weight?"},
      {{{"dispatcher.route-when", "deployed"}, {"dispatcher.1.weight", "2"}, {"dispatchers", "x"}},
       {{"dispatcher.name", "web"}},
       ""},
  }));
  Definition app = App(row.app, 2);
  app.ports[0].labels = row.port;
  const Profile profile = ProfileOf(app, 0);
  CHECK(profile.problems == (row.said[0] == '\0' ? Strings() : Strings{row.said}));
  CHECK(profile.refusal.empty());
  // Once an app, not once a port.
  CHECK(ProfileOf(app, 1).problems.empty());
}

TEST_CASE("dispatcher.adapters: names that there are count; where none is left, nothing is published") {
  CatalogPolicy policy;
  policy.adapters = {"consul", "kong"};
  struct Row {
    const char* label;
    Strings adapters, problems;
    const char* refusal;
  };
  const Row row = GENERATE(values<Row>({
      {"consul", {"consul"}, {}, ""},
      {"", {}, {}, ""},
      {"consul,cong",
       {"consul"},
       {"label dispatcher.adapters = \"cong\" is left out: there is no such adapter: do you mean kong?"},
       ""},
      {"nginx",
       {},
       {"label dispatcher.adapters = \"nginx\" is left out: there is no such adapter: there are consul and "
        "kong"},
       "dispatcher.adapters names no adapter that there is; there are consul and kong"},
  }));
  const Profile profile = ProfileOf(App({{"dispatcher.adapters", row.label}}), 0, policy);
  CHECK(profile.adapters == row.adapters);
  CHECK(profile.problems == row.problems);
  CHECK(profile.refusal == row.refusal);
  CHECK_FALSE(profile.off);
}

TEST_CASE("a router's own port is no app's service port") {
  Definition app = App({});
  app.ports[0].service_port = 8182;
  CatalogPolicy policy;
  CHECK(MakeProfiles(app, policy)[0]->service_port == 8182);
  policy.reserved_ports = {8001, 8182};
  const std::shared_ptr<const Profile> profile = MakeProfiles(app, policy)[0];
  CHECK(profile->service_port == 0);
  REQUIRE(profile->problems.size() == 1);
  CHECK(profile->problems[0].starts_with("service port 8182 is that of a router's own API"));
}

TEST_CASE("enable, ignore and port-level consul labels decide what is published") {
  CHECK_FALSE(ProfileOf(App({{"dispatcher.enable", "false"}})).refusal.empty());
  CHECK(ProfileOf(App({{"dispatcher.enable", "true"}})).refusal.empty());
  CHECK_FALSE(ProfileOf(App({{"SERVICE_IGNORE", "1"}})).refusal.empty());
  // What its owner wants is no fault; what nobody can have meant is.
  CHECK(ProfileOf(App({{"dispatcher.enable", "false"}})).off);
  CHECK(ProfileOf(App({{"SERVICE_IGNORE", "1"}})).off);
  CHECK_FALSE(ProfileOf(App({{"dispatcher.enable", "yes"}})).off);
  Definition app = App({}, 2);
  app.ports[1].labels["consul"] = "one,two";
  CHECK_FALSE(ProfileOf(app, 0).refusal.empty());
  CHECK(ProfileOf(app, 1).names == Strings{"one", "two"});
}

TEST_CASE("allegro's labels: consul names are shared on purpose, `tag` values are tags") {
  const Profile named =
      ProfileOf(App({{"consul", "cart"}, {"public", "tag"}, {"blue", "tag:cart"}, {"red", "tag:other"}}));
  CHECK(named.names == Strings{"cart"});
  CHECK(named.shared);
  CHECK(named.tags == Strings{"blue", "public"});
  CHECK(ProfileOf(App({{"", "tag"}, {" ", "tag"}})).tags.empty());
  CHECK(ProfileOf(App({{"consul", "true"}})).names == Strings{"shop-cart"});
  CHECK_FALSE(ProfileOf(App({{"consul", ""}})).shared);
}

TEST_CASE("marathon-lb's labels") {
  CatalogPolicy policy;
  policy.group_adapters = {{"external", "kong,vulcand"}};
  const Profile profile = ProfileOf(App({{"HAPROXY_0_VHOST", "a.example.com,b.example.com"},
                                         {"HAPROXY_0_PATH", "/x"},
                                         {"HAPROXY_GROUP", "external"},
                                         {"HAPROXY_0_BACKEND_WEIGHT", "3"}}),
                                    0, policy);
  CHECK(profile.hosts == Strings{"a.example.com", "b.example.com"});
  CHECK(profile.paths == Strings{"/x"});
  CHECK(profile.adapters == Strings{"kong", "vulcand"});
  CHECK(profile.weight == 3);
  CHECK(profile.http);
  CHECK_FALSE(ProfileOf(App({{"HAPROXY_0_ENABLED", "false"}})).routed);
}

TEST_CASE("registrator's labels and environment") {
  Definition app = App({{"SERVICE_8080_NAME", "basket"}, {"SERVICE_TAGS", "x,y"}});
  CHECK(ProfileOf(app).names == Strings{"basket"});
  CHECK(ProfileOf(app).tags == Strings{"x", "y"});
  Definition by_env = App({});
  by_env.env["SERVICE_NAME"] = "from-env";
  CHECK(ProfileOf(by_env).names == Strings{"from-env"});
}

TEST_CASE("traefik's labels") {
  const Profile profile =
      ProfileOf(App({{"traefik.frontend.rule", "Host:a.example.com;PathPrefixStrip:/v1"}}));
  CHECK(profile.hosts == Strings{"a.example.com"});
  CHECK(profile.paths == Strings{"/v1"});
  CHECK(profile.strip_path);
  CHECK_FALSE(ProfileOf(App({{"traefik.enable", "false"}})).routed);
}

TEST_CASE("a port is HTTP by label, by check or by protocol, and never if it is UDP") {
  Definition checked = App({}, 2);
  checked.checks.emplace_back();
  checked.checks.back().port_index = 1;
  CHECK_FALSE(ProfileOf(checked, 0).http);
  CHECK(ProfileOf(checked, 1).http);
  CHECK(ProfileOf(checked, 1).hosts == Strings{"shop-cart-port1.service.consul"});
  checked.checks.back().protocol = CheckProtocol::kTcp;
  CHECK_FALSE(ProfileOf(checked, 1).http);
  Definition udp = App({{"dispatcher.hosts", "a.example.com"}});
  udp.ports[0].protocol = "udp";
  CHECK_FALSE(ProfileOf(udp).http);
  CHECK(ProfileOf(udp).udp);
}

TEST_CASE("a port for both protocols has a name for each") {
  Definition app = App({});
  app.ports[0].protocol = "udp,tcp";
  CHECK(ProfileOf(app).names == Strings{"shop-cart", "shop-cart-udp"});
}

TEST_CASE("route-when: the label, else the policy's") {
  CatalogPolicy policy;
  policy.route_when = RouteWhen::kReady;
  CHECK(RouteWhenOf(App({}), policy) == RouteWhen::kReady);
  CHECK(RouteWhenOf(App({{"dispatcher.route-when", "running"}}), policy) == RouteWhen::kRunning);
  CHECK(RouteWhenOf(App({{"dispatcher.route-when", "nonsense"}}), policy) == RouteWhen::kReady);
}

}  // namespace
}  // namespace dispatcher
