#include "dispatcher/admin/app_list.h"

#include <map>
#include <string_view>

#include "dispatcher/base/json.h"

namespace dispatcher {
namespace {

struct AppLine {
  const AppSummary* summary = nullptr;  // null: Marathon has no such app
  std::vector<std::string_view> names;
  std::vector<std::pair<std::string_view, const AppStanding*>> standings;
};
using AppLines = std::map<std::string_view, AppLine>;

bool IsNothing(const AppStanding& standing) {
  return standing.published + standing.refused + standing.held + standing.failed == 0;
}

void WriteLine(JsonWriter& json, std::string_view id, const AppLine& line) {
  const AppSummary none;
  const AppSummary& summary = line.summary == nullptr ? none : *line.summary;
  json.BeginObject().Field("id", id);
  json.Field("state", id.starts_with(kStaticPrefix) ? "static"
                      : line.summary == nullptr     ? "unknown"
                                                    : summary.state);
  json.Field("instances", summary.instances).Field("running", uint64_t{summary.running});
  json.Field("serving", uint64_t{summary.serving}).Key("names").BeginArray();
  for (const std::string_view name : line.names) {
    json.String(name);
  }
  json.EndArray().Key("adapters").BeginArray();
  for (const auto& [adapter, standing] : line.standings) {
    json.BeginObject().Field("adapter", adapter).Field("published", uint64_t{standing->published});
    json.Field("wanted", uint64_t{standing->wanted}).Field("right", uint64_t{standing->right});
    json.Field("held", uint64_t{standing->held}).Field("failed", uint64_t{standing->failed});
    json.Field("refused", uint64_t{standing->refused}).EndObject();
  }
  json.EndArray().EndObject();
}

void WriteLines(JsonWriter& json, std::string_view key, const AppLines& lines, bool statics) {
  json.Key(key).BeginArray();
  for (const auto& [id, line] : lines) {
    if (id.starts_with(kStaticPrefix) == statics) {
      WriteLine(json, id, line);
    }
  }
  json.EndArray();
}

}  // namespace

std::string AppsJson(const Source& source) {
  const std::vector<AppSummary> summaries = source.Summaries();
  const auto services = source.Services();
  const auto adapters = source.Standings();
  AppLines lines;
  for (const AppSummary& summary : summaries) {
    lines[summary.app].summary = &summary;
  }
  for (const auto& [adapter, standings] : adapters) {
    for (const AppStanding& standing : standings) {
      if (!standing.app.empty() && !IsNothing(standing)) {
        lines[standing.app].standings.emplace_back(adapter, &standing);
      }
    }
  }
  for (const auto& service : services) {
    if (IsStatic(service->key) || lines.contains(service->key.app)) {
      AppLine& line = lines[service->key.app];
      if (service->profile != nullptr) {
        line.names.insert(line.names.end(), service->profile->names.begin(), service->profile->names.end());
      }
    }
  }
  JsonWriter json;
  json.BeginObject();
  WriteLines(json, "apps", lines, false);
  WriteLines(json, "static", lines, true);
  json.EndObject();
  return json.Take();
}

}  // namespace dispatcher
