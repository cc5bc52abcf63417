#include "dispatcher/commands/sync_report.h"

#include <algorithm>
#include <string_view>

#include "dispatcher/base/json.h"

namespace dispatcher {
namespace {

// One thing that is not as it should be.
struct Problem {
  std::string what, why;
};

struct AdapterSummary {
  std::string name;
  uint64_t right = 0, written = 0, removed = 0;
  std::vector<Problem> refused, held, failed;
};

AdapterSummary Summarize(const AdapterReport& adapter, const AdapterPlan& plan, bool dry_run) {
  AdapterSummary summary;
  summary.name = adapter.name;
  summary.right = plan.right;
  summary.written = adapter.state.puts;
  summary.removed = adapter.state.deletes;
  for (size_t i = 0; dry_run && i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    if (!change.held) {
      ++(change.op == Op::kPut ? summary.written : summary.removed);
    }
  }
  for (const std::string& refusal : adapter.state.refusals) {
    const size_t colon = std::min(refusal.find(": "), refusal.size());
    summary.refused.push_back(
        {refusal.substr(0, colon), refusal.substr(std::min(colon + 2, refusal.size()))});
  }
  for (const FailedChange& change : adapter.state.failed) {
    (change.refused ? summary.refused : summary.failed).push_back({WhatOf(change.id), change.error});
  }
  for (const auto& [lane, error] : adapter.state.failing) {
    summary.failed.push_back({lane.empty() ? adapter.name : lane, error});
  }
  for (const HeldRemoval& held : adapter.state.held) {
    summary.held.push_back({WhatOf(held.id), held.reason});
  }
  return summary;
}

std::vector<AdapterSummary> Summaries(const SyncReport& report) {
  std::vector<AdapterSummary> summaries;
  for (size_t i = 0; i < report.engine.adapters.size(); ++i) {
    summaries.push_back(Summarize(report.engine.adapters[i], report.plans[i], report.dry_run));
  }
  return summaries;
}

std::string_view Name(Adoption::Outcome outcome) {
  switch (outcome) {
    case Adoption::Outcome::kTaken:
      return "taken over";
    case Adoption::Outcome::kWould:
      return "would be taken over";
    case Adoption::Outcome::kLeft:
      return "left";
    case Adoption::Outcome::kFailed:
      break;
  }
  return "failed";
}

void PrintProblems(std::string_view word, const std::vector<Problem>& problems, std::ostream& out) {
  for (const Problem& problem : problems) {
    out << "  " << word << ": " << problem.what << ": " << problem.why << "\n";
  }
}

void PrintPlanned(const AdapterPlan& plan, std::ostream& out) {
  for (const Change& change : plan.changes) {
    if (!change.held) {  // those have lines of their own
      out << "  " << (change.op != Op::kPut ? "- " : change.there ? "~ " : "+ ") << WhatOf(change.id);
      out << (change.reason.empty() ? "" : "  (" + change.reason + ")") << "\n";
    }
  }
}

void WriteProblems(std::string_view key, const std::vector<Problem>& problems, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const Problem& problem : problems) {
    json.BeginObject().Field("what", problem.what).Field("why", problem.why).EndObject();
  }
  json.EndArray();
}

void WriteTexts(std::string_view key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string& text : texts) {
    json.String(text);
  }
  json.EndArray();
}

}  // namespace

std::string WhatOf(const EntryId& id) {
  return id.kind + " " + (id.lane.empty() ? "" : id.lane + " ") + id.id;
}

bool EverythingEquals(const SyncReport& report) {
  bool equal = report.waiting.empty() && report.engine.reads.bad_apps.empty();
  for (const AdapterSummary& adapter : Summaries(report)) {
    equal = equal && adapter.refused.empty() && adapter.held.empty() && adapter.failed.empty();
  }
  for (const AdapterPlan& plan : report.plans) {
    equal = equal && plan.changes.empty();
  }
  for (const auto& [adapter, adoptions] : report.adopted) {
    for (const Adoption& adoption : adoptions) {
      equal = equal && adoption.outcome != Adoption::Outcome::kFailed;
    }
  }
  return equal;
}

void PrintSync(const SyncReport& report, std::ostream& out) {
  for (const auto& [adapter, adoptions] : report.adopted) {
    for (const Adoption& adoption : adoptions) {
      out << adapter << ": " << Name(adoption.outcome) << ": " << adoption.what
          << (adoption.why.empty() ? "" : ": " + adoption.why) << "\n";
    }
  }
  const std::string_view written = report.dry_run ? " to write, " : " written, ";
  const std::string_view removed = report.dry_run ? " to remove, " : " removed, ";
  const std::vector<AdapterSummary> summaries = Summaries(report);
  for (size_t i = 0; i < summaries.size(); ++i) {
    const AdapterSummary& adapter = summaries[i];
    out << adapter.name << ": " << adapter.right << " right, " << adapter.written << written
        << adapter.removed << removed << adapter.refused.size() << " refused, " << adapter.held.size()
        << " held, " << adapter.failed.size() << " failed\n";
    if (report.dry_run) {
      PrintPlanned(report.plans[i], out);
    }
    PrintProblems("refused", adapter.refused, out);
    PrintProblems("held", adapter.held, out);
    PrintProblems("failed", adapter.failed, out);
  }
  for (const std::string& app : report.engine.reads.bad_apps) {
    out << "could not be decoded: " << (app.empty() ? "an app without an id" : app) << "\n";
  }
  for (const std::string& what : report.waiting) {
    out << "in vain waited for: " << what << "\n";
  }
}

std::string SyncJson(const SyncReport& report) {
  JsonWriter json;
  json.BeginObject().Field("equal", EverythingEquals(report)).Field("dry_run", report.dry_run);
  WriteTexts("waiting_for", report.waiting, json);
  WriteTexts("not_decoded", report.engine.reads.bad_apps, json);
  json.Key("adapters").BeginArray();
  for (const AdapterSummary& adapter : Summaries(report)) {
    json.BeginObject().Field("adapter", adapter.name).Field("right", adapter.right);
    json.Field(report.dry_run ? "to_write" : "written", adapter.written);
    json.Field(report.dry_run ? "to_remove" : "removed", adapter.removed);
    WriteProblems("refused", adapter.refused, json);
    WriteProblems("held", adapter.held, json);
    WriteProblems("failed", adapter.failed, json);
    json.EndObject();
  }
  json.EndArray().Key("adopted").BeginArray();
  for (const auto& [adapter, adoptions] : report.adopted) {
    for (const Adoption& adoption : adoptions) {
      json.BeginObject().Field("adapter", adapter).Field("outcome", Name(adoption.outcome));
      json.Field("what", adoption.what).Field("why", adoption.why).EndObject();
    }
  }
  return json.EndArray().EndObject().Take();
}

}  // namespace dispatcher
