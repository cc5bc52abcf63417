// Takes everything of ours out of the registries, after asking.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/log.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/lock_holder.h"
#include "dispatcher/commands/remote.h"
#include "dispatcher/commands/sync_report.h"
#include "dispatcher/engine/uninstaller.h"

namespace dispatcher {
namespace {

// Leaves only the adapter that --adapter names.
absl::Status KeepNamed(const Arguments& arguments, Settings& settings) {
  if (!arguments.Has("--adapter")) {
    return absl::OkStatus();
  }
  const std::string wanted = arguments.Get("--adapter");
  std::vector<std::string> names;
  for (const AdapterSettings& adapter : settings.adapters) {
    names.push_back(adapter.name);
  }
  std::erase_if(settings.adapters, [&](const AdapterSettings& adapter) { return adapter.name != wanted; });
  if (settings.adapters.empty()) {
    const auto nearest = Nearest(wanted, names);
    return Error(absl::StatusCode::kInvalidArgument, "--adapter ", wanted,
                 ": there is no such adapter in the settings",
                 nearest ? "; did you mean " + *nearest + "?" : "");
  }
  return absl::OkStatus();
}

// A dispatcher that runs would put everything back.
absl::Status NobodyRuns(const Invocation& invocation, const Settings& settings) {
  ASSIGN_OR_RETURN(const Remote remote, RemoteOf(invocation));
  if (invocation.arguments.Has("--force")) {
    return absl::OkStatus();
  }
  const absl::Status answer = Ask(remote, "GET", "/healthz", "").status();
  // Who speaks TLS is there, although it is not trusted or does not trust us.
  if (!answer.ok() &&
      (remote.url.starts_with("http:") || Message(answer).find("can't connect") != std::string::npos)) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, "a dispatcher runs at ", remote.url,
               " and would put back what owner \"", settings.owner,
               "\" loses: stop it first, or say --force if that one has other settings");
}

// Of several that elect one, `url` above is not the only one that would.
absl::Status NobodyLeads(const Invocation& invocation, const Settings& settings) {
  if (!settings.leader.configured || invocation.arguments.Has("--force")) {
    return absl::OkStatus();
  }
  const absl::StatusOr<std::optional<Holder>> holder = HolderOfLock(settings);
  if (!holder.ok()) {
    return absl::IsUnavailable(holder.status())
               ? Error(absl::StatusCode::kUnavailable, Message(holder.status()), "; say --force if none runs")
               : holder.status();
  }
  return !holder->has_value()
             ? absl::OkStatus()
             : Error(
                   absl::StatusCode::kFailedPrecondition, TextOf(**holder),
                   " leads, and would put back what owner \"", settings.owner,
                   "\" loses: stop all dispatchers first; a lock is left by one that was killed after twice "
                   "leader.ttl");
}

size_t CountEntries(const UninstallReport& report) {
  size_t entries = 0;
  for (const AdapterPlan& plan : report.plans) {
    entries += plan.changes.size();
  }
  return entries;
}

bool Whole(const UninstallReport& report) {
  return report.waiting.empty() &&
         std::all_of(report.adapters.begin(), report.adapters.end(),
                     [](const AdapterReport& a) { return a.state.failing.empty(); });
}

void PrintProblems(const UninstallReport& report, std::ostream& out) {
  for (const AdapterReport& adapter : report.adapters) {
    for (const FailedChange& change : adapter.state.failed) {
      out << "  not removed: " << WhatOf(change.id) << ": " << change.error << "\n";
    }
    for (const auto& [lane, error] : adapter.state.failing) {
      out << "  " << (lane.empty() ? adapter.name : lane) << ": " << error << "\n";
    }
  }
  for (const std::string& what : report.waiting) {
    out << "in vain waited for: " << what << "\n";
  }
}

void PrintFound(const UninstallReport& found, std::ostream& out) {
  for (const AdapterPlan& plan : found.plans) {
    out << plan.adapter << ": " << plan.changes.size() << " to remove\n";
    for (const Change& change : plan.changes) {
      out << "  - " << WhatOf(change.id) << "\n";
    }
  }
  PrintProblems(found, out);
}

// Only the word itself is a yes; the end of the input is a no.
bool SaysYes(Invocation& invocation, const Settings& settings, size_t entries) {
  invocation.out << "Remove these " << entries << " entries of owner \"" << settings.owner
                 << "\"? No dispatcher may run with that owner meanwhile. Type yes: " << std::flush;
  std::string answer;
  std::getline(invocation.in, answer);
  return Trim(answer) == "yes";
}

// `removed`: null when only looked.
std::string ReportJson(const UninstallReport& found, const UninstallReport* removed) {
  JsonWriter json;
  json.BeginObject().Field("dry_run", removed == nullptr);
  json.Field("complete", Whole(removed == nullptr ? found : *removed)).Key("adapters").BeginArray();
  for (size_t i = 0; i < found.plans.size(); ++i) {
    json.BeginObject().Field("adapter", found.plans[i].adapter);
    json.Field("found", found.plans[i].changes.size());
    if (removed != nullptr) {
      json.Field("removed", removed->adapters[i].state.deletes);
      json.Field("left", removed->plans[i].changes.size());
    }
    const UninstallReport& last = removed == nullptr ? found : *removed;
    json.Key("entries").BeginArray();
    for (const Change& change : last.plans[i].changes) {
      json.String(WhatOf(change.id));
    }
    json.EndArray().Key("errors").BeginArray();
    for (const FailedChange& change : last.adapters[i].state.failed) {
      json.String(WhatOf(change.id) + ": " + change.error);
    }
    for (const auto& [lane, error] : last.adapters[i].state.failing) {
      json.String((lane.empty() ? "" : lane + ": ") + error);
    }
    json.EndArray().EndObject();
  }
  return json.EndArray().EndObject().Take();
}

void PrintRemoved(const UninstallReport& removed, std::ostream& out) {
  for (size_t i = 0; i < removed.plans.size(); ++i) {
    out << removed.plans[i].adapter << ": " << removed.adapters[i].state.deletes << " removed, "
        << removed.plans[i].changes.size() << " left\n";
  }
  PrintProblems(removed, out);
}

}  // namespace

absl::StatusOr<int> UninstallAll(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  UninstallOptions options;
  ASSIGN_OR_RETURN(options.timeout, TimeoutOf(invocation.arguments));
  options.dry_run = true;
  const bool only_look = invocation.arguments.Has("--dry-run");
  const bool asks = !only_look && !invocation.arguments.Has("--yes");
  if (as_json && asks) {
    return Error(absl::StatusCode::kInvalidArgument,
                 "--output json asks no question: add --yes, or --dry-run to see what would go");
  }
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  Settings settings = configuration.settings;
  RETURN_IF_ERROR(ConfigureLog(settings.log.level, settings.log.format));
  LogSkipped(configuration);
  RETURN_IF_ERROR(KeepNamed(invocation.arguments, settings));
  if (!only_look) {
    RETURN_IF_ERROR(NobodyRuns(invocation, settings));
    RETURN_IF_ERROR(NobodyLeads(invocation, configuration.settings));
  }
  ASSIGN_OR_RETURN(const UninstallReport found, Uninstall(settings, SystemClock(), options));
  if (!as_json) {
    PrintFound(found, invocation.out);
  }
  const size_t entries = CountEntries(found);
  if (only_look || !Whole(found) || entries == 0) {
    if (as_json) {
      invocation.out << ReportJson(found, nullptr) << "\n";
    }
    return Whole(found) ? kExitOk : kExitError;
  }
  if (asks && !SaysYes(invocation, settings, entries)) {
    invocation.out << "\nnothing was removed\n";
    return kExitError;
  }
  options.dry_run = false;
  ASSIGN_OR_RETURN(const UninstallReport removed, Uninstall(settings, SystemClock(), options));
  if (as_json) {
    invocation.out << ReportJson(found, &removed) << "\n";
  } else {
    PrintRemoved(removed, invocation.out);
  }
  return Whole(removed) && CountEntries(removed) == 0 ? kExitOk : kExitError;
}

}  // namespace dispatcher
