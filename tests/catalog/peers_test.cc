// What becomes of the labels and variables of those that came before: each row of the
// table in deploy/README.md, and that the table has no other rows.
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/labels.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using Map = std::map<std::string, std::string>;

struct PeerRow {
  const char* label;  // as in the table
  const char* works;
  Map app, env, port;  // port: labels of the first
  std::string first, second;
};

constexpr const char* kPlain = "shop-cart";
constexpr const char* kPlainSecond = "shop-cart-admin";

std::vector<PeerRow> PeerRows() {
  const std::string refused = "refused", plain = kPlain, second = kPlainSecond;
  return {
      {"consul: web", "yes", {{"consul", "web"}}, {}, {}, "web", "web-admin"},
      {"consul: true", "partly", {{"consul", "true"}}, {}, {}, plain, second},
      {"consul: true", "partly", {{"consul", ""}}, {}, {}, plain, second},
      {"consul: a,b", "yes", {}, {}, {{"consul", "a,b"}}, "a,b", refused},
      {"public: tag", "yes", {{"public", "tag"}}, {}, {}, plain + " tags public", second + " tags public"},
      {"blue: tag:a", "partly", {{"blue", "tag:a"}}, {}, {{"consul", "a,b"}}, "a,b tags blue", refused},
      {"blue: tag:a", "partly", {{"blue", "tag:a"}}, {}, {}, plain, second},
      {"urlprefix-{port:http}: tag",
       "no",
       {},
       {},
       {{"urlprefix-{port:http}", "tag"}},
       plain + " tags urlprefix-{port:http}",
       second},
      {"no label consul", "partly", {}, {}, {}, plain, second},

      {"SERVICE_NAME", "yes", {{"SERVICE_NAME", "web"}}, {}, {}, "web", "web-admin"},
      {"SERVICE_NAME", "yes", {}, {{"SERVICE_NAME", "web"}}, {}, "web", "web-admin"},
      {"SERVICE_8080_NAME", "yes", {}, {{"SERVICE_8080_NAME", "web"}}, {}, "web", second},
      {"SERVICE_TAGS", "yes", {}, {{"SERVICE_TAGS", "a,b"}}, {}, plain + " tags a,b", second + " tags a,b"},
      {"SERVICE_8080_TAGS",
       "yes",
       {},
       {{"SERVICE_8080_TAGS", "a"}, {"SERVICE_TAGS", "b"}},
       {},
       plain + " tags a",
       second + " tags b"},
      {"SERVICE_IGNORE", "yes", {}, {{"SERVICE_IGNORE", "1"}}, {}, refused, refused},
      {"SERVICE_IGNORE", "yes", {}, {{"SERVICE_IGNORE", "false"}}, {}, plain, second},
      {"SERVICE_8080_IGNORE", "yes", {}, {{"SERVICE_8080_IGNORE", "yes"}}, {}, refused, second},
      {"SERVICE_ID", "no", {}, {{"SERVICE_ID", "mine"}}, {}, plain, second},
      {"SERVICE_REGION", "no", {}, {{"SERVICE_REGION", "west"}}, {}, plain, second},
      {"SERVICE_CHECK_HTTP", "no", {}, {{"SERVICE_CHECK_HTTP", "/up"}}, {}, plain, second},

      {"HAPROXY_GROUP",
       "yes",
       {{"HAPROXY_GROUP", "external"}},
       {},
       {},
       plain + " only kong",
       second + " only kong"},
      {"HAPROXY_GROUP", "yes", {{"HAPROXY_GROUP", "unknown"}}, {}, {}, plain, second},
      {"HAPROXY_0_GROUP",
       "yes",
       {{"HAPROXY_0_GROUP", "internal"}, {"HAPROXY_GROUP", "external"}},
       {},
       {},
       plain + " only vulcand",
       second + " only kong"},
      {"HAPROXY_0_VHOST",
       "yes",
       {{"HAPROXY_0_VHOST", "a.test,b.test"}},
       {},
       {},
       plain + " hosts a.test,b.test",
       second},
      {"HAPROXY_0_PATH",
       "yes",
       {{"HAPROXY_0_PATH", "/x"}},
       {},
       {},
       plain + " hosts shop-cart.service.consul paths /x",
       second},
      {"HAPROXY_0_ENABLED: false",
       "yes",
       {{"HAPROXY_0_ENABLED", "false"}},
       {},
       {},
       plain + " unrouted",
       second},
      {"HAPROXY_0_BACKEND_WEIGHT",
       "partly",
       {{"HAPROXY_0_BACKEND_WEIGHT", "3"}},
       {},
       {},
       plain + " weight 3",
       second},
      {"HAPROXY_0_HTTP_BACKEND_PROXYPASS_PATH",
       "no",
       {{"HAPROXY_0_HTTP_BACKEND_PROXYPASS_PATH", "/x"}},
       {},
       {},
       plain,
       second},
      {"HAPROXY_0_STICKY", "no", {{"HAPROXY_0_STICKY", "true"}}, {}, {}, plain, second},
      {"HAPROXY_DEPLOYMENT_GROUP", "no", {{"HAPROXY_DEPLOYMENT_GROUP", "web"}}, {}, {}, plain, second},
  };
}

std::string Listed(const char* word, const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? std::string(word) : ",") + item;
  }
  return text;
}

std::string InWords(const Profile& profile) {
  if (!profile.refusal.empty()) {
    return "refused";
  }
  return Listed("", profile.names) + Listed(" tags ", profile.tags) + Listed(" hosts ", profile.hosts) +
         Listed(" paths ", profile.paths) + Listed(" only ", profile.adapters) +
         (profile.routed ? "" : " unrouted") +
         (profile.weight == 1 ? "" : " weight " + std::to_string(profile.weight));
}

TEST_CASE("labels and variables of those that came before, as the table for them says") {
  CatalogPolicy policy;
  policy.group_adapters = {{"external", "kong"}, {"internal", "vulcand"}};
  for (const PeerRow& row : PeerRows()) {
    INFO(row.label);
    Definition app;
    app.id = "/shop/cart";
    app.labels = row.app;
    app.env = row.env;
    app.ports.resize(2);
    app.ports[0].container_port = 8080;
    app.ports[0].labels = row.port;
    app.ports[1].container_port = 8081;
    app.ports[1].name = "admin";
    const auto profiles = MakeProfiles(app, policy);
    REQUIRE(profiles.size() == 2);
    CHECK(InWords(*profiles[0]) == row.first);
    CHECK(InWords(*profiles[1]) == row.second);
    CHECK(profiles[0]->problems.empty());
  }
}

TEST_CASE("the table of labels of those that came before has the rows that are tried") {
  std::set<std::pair<std::string, std::string>> tried, written;
  for (const PeerRow& row : PeerRows()) {
    tried.emplace(row.label, row.works);
  }
  std::ifstream file(TEST_DATA "/../../deploy/README.md");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    inside = (inside || line == "<!-- peers -->") && line != "<!-- /peers -->";
    const std::vector<std::string_view> cells = Split(line, '|');
    if (inside && cells.size() == 6 && cells[2].find('`') != std::string_view::npos) {
      std::string label;
      for (const char c : cells[2].substr(0, cells[2].find(", or"))) {
        label += c == '`' ? "" : std::string(1, c);
      }
      label = label.substr(0, label.find(" on "));
      written.emplace(Trim(label), Trim(cells[3]));
    }
  }
  CHECK(written.size() > 20);
  CHECK(written == tried);
}

}  // namespace
}  // namespace dispatcher
