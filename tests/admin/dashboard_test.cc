// deploy/grafana/dispatcher.json is what Grafana (8 and later, schema 37) takes.
#include "dispatcher/base/json.h"
#include "tests/admin/metrics_text.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

JsonDocument Dashboard() {
  return JsonDocument::Parse(ProjectFile("deploy/grafana/dispatcher.json")).value();
}

TEST_CASE("The dashboard has what Grafana needs of one") {
  const JsonDocument document = Dashboard();
  const JsonView board = document.root();
  CHECK(board["title"].StringOr("") == "Dispatcher");
  CHECK(board["uid"].StringOr("") == "dispatcher");
  CHECK(board["schemaVersion"].IntOr(0) == 37);
  CHECK(board["id"].IsNull());  // Grafana's own number of it
  CHECK(board["time"]["from"].String());
  CHECK(board["time"]["to"].String());

  std::map<std::string, std::string> variables;  // name -> type
  board["templating"]["list"].ForEach([&](JsonView variable) {
    variables[variable["name"].StringOr("")] = variable["type"].StringOr("");
    if (variable["type"].StringOr("") == "query") {
      CHECK(variable["datasource"]["uid"].StringOr("") == "${datasource}");
      CHECK(UnknownNames(variable["query"]["query"].StringOr("")) == "");
    }
  });
  CHECK(variables ==
        std::map<std::string, std::string>{
            {"adapter", "query"}, {"datasource", "datasource"}, {"instance", "query"}, {"job", "query"}});
}

TEST_CASE("Each panel has a place of its own, a type, and queries of the chosen Prometheus") {
  const JsonDocument document = Dashboard();
  const std::set<std::string> types = {"heatmap", "row", "stat", "table", "timeseries"};
  std::set<int64_t> ids;
  std::set<std::pair<int64_t, int64_t>> taken;  // fields of the grid
  document.root()["panels"].ForEach([&](JsonView panel) {
    const std::string title = panel["title"].StringOr("");
    CAPTURE(title);
    CHECK(title != "");
    CHECK(ids.insert(panel["id"].IntOr(0)).second);
    const std::string type = panel["type"].StringOr("");
    CHECK(types.contains(type));

    const JsonView place = panel["gridPos"];
    const int64_t x = place["x"].IntOr(-1);
    const int64_t w = place["w"].IntOr(0);
    CHECK(x >= 0);
    CHECK(x + w <= 24);
    bool free = w > 0 && place["h"].IntOr(0) > 0 && place["y"].IntOr(-1) >= 0;
    for (int64_t column = x; column < x + w; ++column) {
      for (int64_t line = 0; line < place["h"].IntOr(0); ++line) {
        free = taken.emplace(column, place["y"].IntOr(0) + line).second && free;
      }
    }
    CHECK(free);

    CHECK((panel["targets"].size() > 0) == (type != "row"));
    if (type != "row") {
      CHECK(panel["datasource"]["type"].StringOr("") == "prometheus");
      CHECK(panel["datasource"]["uid"].StringOr("") == "${datasource}");
      CHECK(panel["fieldConfig"]["defaults"].IsObject());
      CHECK(panel["options"].IsObject());
    }
    std::set<std::string> refs;
    panel["targets"].ForEach([&](JsonView target) {
      CHECK(refs.insert(target["refId"].StringOr("")).second);
      CHECK(target["datasource"]["uid"].StringOr("") == "${datasource}");
      CHECK(target["expr"].StringOr("") != "");
      CHECK(target["legendFormat"].String());
    });
  });
  CHECK(ids.size() > 30);
}

}  // namespace
}  // namespace dispatcher
