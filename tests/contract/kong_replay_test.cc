// What real Kongs were asked and answered, asked of the models again. Ids, times,
// offsets and the order of lists (by random ids) aside, status and body must agree.
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "dispatcher/base/strings.h"
#include "tests/contract/kong_subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

// What is left out, and why: here and nowhere else. Exchanges by their number, where
// a scenario is replayed but for some.
struct KongLeftOut {
  std::string version;   // "" = all
  std::string scenario;  // its beginning
  std::string note;      // a part of the note, the whole one after "="; "" = the whole scenario
  bool status_too;       // false: only the body is left out
  std::string why;
};

const std::vector<KongLeftOut>& Exceptions() {
  static const std::vector<KongLeftOut> all = {
#include "tests/data/kong/left_out.inc"
  };
  return all;
}

const KongLeftOut* Excused(const std::string& version, JsonView exchange) {
  const std::string scenario = exchange["scenario"].StringOr(""), note = exchange["note"].StringOr("");
  for (const KongLeftOut& x : Exceptions()) {
    if ((x.version.empty() || x.version == version) && scenario.starts_with(x.scenario) &&
        (x.note.starts_with('=') ? note == x.note.substr(1) : note.find(x.note) != std::string::npos)) {
      return &x;
    }
  }
  return nullptr;
}

std::string WithoutIds(const std::string& text) {
  static const std::regex id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  return std::regex_replace(text, id, "<id>");
}

std::string Sorted(std::vector<std::string> parts) {
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) {
    text += part + ",";
  }
  return text;
}

// Sorted keys; ids, times and what can't be told beforehand replaced; lists of
// entities sorted; where `lax`, null and absent are one: before 1.0, and in answers to
// /config, Kong itself mixes them.
std::string Comparable(JsonView json, bool lax) {
  if (json.IsObject()) {
    std::vector<std::string> members;
    json.ForEachMember([&](std::string_view key, JsonView value) {
      if (key == "created_at" || key == "updated_at" || key == "id" || (lax && value.IsNull())) {
        return;
      }
      const bool opaque = (key == "next" || key == "offset") && !value.IsNull();
      members.push_back(WithoutIds(std::string(key)) + ":" + (opaque ? "<more>" : Comparable(value, lax)));
    });
    return "{" + Sorted(std::move(members)) + "}";
  }
  if (json.IsArray()) {
    std::vector<std::string> items;
    json.ForEach([&](JsonView item) { items.push_back(Comparable(item, lax)); });
    return "[" + Sorted(std::move(items)) + "]";
  }
  return WithoutIds(json.Dump());
}

// Of a page: how many there are on it and whether more follow. Which ones is chance.
std::string ComparablePage(JsonView json) {
  return std::to_string(json["data"].size()) + (json["next"].IsNull() ? " last" : " more");
}

struct Replay {
  std::map<std::string, std::string> ids;  // recorded -> the model's

  void Learn(JsonView recorded, JsonView now) {
    if (recorded.IsObject()) {
      recorded.ForEachMember([&](std::string_view key, JsonView value) {
        const auto text = value.String(), other = now[key].String();
        if ((key == "id" || key == "offset") && text && other) {
          ids[std::string(*text)] = *other;
        }
      });
    }
  }
  std::string Mapped(std::string text) const {
    for (const auto& [from, to] : ids) {
      for (const std::string& form : {from, PercentEncode(from)}) {
        for (size_t at = text.find(form); at != std::string::npos && form.size() > 3;
             at = text.find(form, at + 1)) {
          text.replace(at, form.size(), form == from ? to : PercentEncode(to));
        }
      }
    }
    return text;
  }
};

// Between some groups of scenarios the recorder wiped everything.
bool WipedBefore(const std::string& scenario) {
  static const std::set<std::string> fresh = {"services/create", "services/list", "routes/create",
                                              "upstreams/create", "apis"};
  return fresh.contains(scenario);
}

TEST_CASE("the models of Kong answer as the recorded ones did") {
  std::map<const KongLeftOut*, bool> needed;
  for (const std::string version : {"0.14.1", "2.8.5", "3.9.3"}) {
    const bool old = version.starts_with("0.");
    auto rig = std::make_unique<KongRig>(version);
    Replay replay;
    std::string scenario;
    size_t compared = 0, left_out = 0;
    std::ifstream in(std::string(TEST_DATA) + "/kong/" + version + ".jsonl");
    for (std::string line; std::getline(in, line);) {
      const auto document = JsonDocument::Parse(line);
      REQUIRE(document.ok());
      const JsonView x = document->root();
      if (x["scenario"].StringOr("") != scenario) {
        scenario = x["scenario"].StringOr("");
        if (scenario == "dbless/start") {
          rig = std::make_unique<KongRig>(version, true);
          replay.ids.clear();
        } else if (WipedBefore(scenario)) {
          rig->kong().LoseData();
          replay.ids.clear();
        }
      }
      const JsonView asked = x["request"], answered = x["response"];
      const std::string path = replay.Mapped(asked["path"].StringOr(""));
      const HttpResponse now =
          rig->CallAs(asked["method"].StringOr(""), path, replay.Mapped(asked["body"].StringOr("")),
                      asked["type"].StringOr(""));
      const std::string recorded_text = answered["body"].StringOr("");
      const auto recorded = JsonDocument::Parse(recorded_text);
      const auto body = JsonDocument::Parse(now.body);
      if (recorded.ok() && body.ok()) {
        replay.Learn(recorded->root(), body->root());
      }
      const bool page = path.find("size=") != std::string::npos || path.find("offset=") != std::string::npos;
      const bool lax = old || path.starts_with("/config");
      const auto comparable = [&](const absl::StatusOr<JsonDocument>& text) -> std::string {
        if (!text.ok()) {
          return "no JSON";
        }
        return page && text->root()["data"].IsArray() ? ComparablePage(text->root())
                                                      : Comparable(text->root(), lax);
      };
      const bool same_status = now.status == answered["status"].IntOr(0);
      const bool same_body = comparable(body) == comparable(recorded);
      if (const KongLeftOut* excuse = Excused(version, x)) {
        ++left_out;
        needed[excuse] = needed[excuse] || !same_status || !same_body;
        CHECK((excuse->status_too || same_status));
        continue;
      }
      ++compared;
      INFO(version << " " << x["n"].IntOr(0) << " " << scenario << ": " << x["note"].StringOr("") << "\n"
                   << asked["method"].StringOr("") << " " << path << " "
                   << asked["body"].StringOr("").substr(0, 300) << "\nrecorded "
                   << recorded_text.substr(0, 1500) << "\nnow " << now.body.substr(0, 1500));
      CHECK(now.status == answered["status"].IntOr(0));
      CHECK(comparable(body) == comparable(recorded));
    }
    WARN(version << ": " << compared << " exchanges compared, " << left_out << " left out in whole or part");
    CHECK(compared > 250);
  }
  for (const auto& [excuse, is] : needed) {
    INFO("left out for no reason: " << excuse->scenario << ": " << excuse->note);
    CHECK(is);
  }
}

}  // namespace
}  // namespace dispatcher::testing
