// A report in which everything is known, and what its metrics are.
#pragma once

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "dispatcher/admin/metrics.h"
#include "dispatcher/base/strings.h"
#include "tests/admin/fake_source.h"

namespace dispatcher {

inline ProcessFigures ExampleProcess() { return {12.5, 1.7e9, 3.2e7, 4e8, 17, 1024}; }

// Every metric has a sample.
inline std::string FullMetricsText() {
  EngineReport report = ExampleSource().report;
  report.marathon_version = "1.8.222";
  report.leader.elected = true;
  report.leader.state = "leading";
  report.reads.last_snapshot_age = std::chrono::seconds(3);
  return MetricsText(report, "1.2.3", ExampleProcess());
}

// The text of a file of the project, "" if there is none.
inline std::string ProjectFile(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(TEST_DATA "/../../" + path).rdbuf();
  return text.str();
}

struct MetricAsShown {
  std::string type, help;
  std::set<std::string> labels;  // without a histogram's `le`
};

// Of a text in Prometheus's format.
inline std::map<std::string, MetricAsShown> Metrics(const std::string& text) {
  std::map<std::string, MetricAsShown> metrics;
  std::string family;  // that the lines are of
  for (const std::string_view line : Split(text, '\n')) {
    const std::vector<std::string_view> words = Split(line, ' ');
    if (line.starts_with("# HELP ")) {
      family = words.at(2);
      metrics[family].help = line.substr(std::string_view("# HELP ").size() + family.size() + 1);
    } else if (line.starts_with("# TYPE ")) {
      metrics[family].type = words.at(3);
    } else if (const size_t brace = line.find('{'); brace != std::string_view::npos) {
      for (const std::string_view label : Split(line.substr(brace + 1, line.find('}') - brace - 1), ',')) {
        if (!label.starts_with("le=")) {
          metrics[family].labels.emplace(label.substr(0, label.find('=')));
        }
      }
    }
  }
  return metrics;
}

// The names of our metrics and of recorded ones in a text that holds PromQL.
inline std::set<std::string> NamesIn(std::string_view text) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  };
  std::set<std::string> names;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    size_t end = begin;
    while (end < text.size() && in_name(text[end])) {
      ++end;
    }
    const std::string_view name = text.substr(begin, end - begin);
    if (name.find("dispatcher_") != std::string_view::npos || name.starts_with("process_")) {
      names.emplace(name);
    }
    begin = end;
  }
  return names;
}

// Those of a text that no scrape has and no rule records, with a blank after each.
inline std::string UnknownNames(std::string_view text) {
  static const std::map<std::string, MetricAsShown> metrics = Metrics(FullMetricsText());
  static const std::string rules = ProjectFile("deploy/prometheus/rules.yml");
  std::string unknown;
  for (const std::string& name : NamesIn(text)) {
    bool known = metrics.contains(name);
    for (const std::string_view part : {"_bucket", "_count", "_sum"}) {
      const auto of = metrics.find(name.substr(0, name.size() - std::min(name.size(), part.size())));
      known = known || (name.ends_with(part) && of != metrics.end() && of->second.type == "histogram");
    }
    if (!known && rules.find("record: " + name + "\n") == std::string::npos) {
      unknown += name + " ";
    }
  }
  return unknown;
}

}  // namespace dispatcher
