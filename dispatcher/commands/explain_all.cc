#include "dispatcher/commands/explain_all.h"

#include <algorithm>
#include <array>

#include "dispatcher/base/strings.h"
#include "dispatcher/commands/explain_words.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {
namespace {

constexpr size_t kLastDecisions = 20;

// Of an adapter, shown where it is not 0: field, one of it, several.
constexpr std::array<std::string_view, 3> kCounts[] = {
    {"pending", "change due", "changes due"},
    {"held", "removal held back", "removals held back"},
    {"refused", "service refused", "services refused"},
};

// "text SECONDS ago", or the other text where there is no such number.
std::string Ago(std::string_view text, JsonView seconds, std::string_view otherwise) {
  const std::optional<double> known = seconds.Double();
  return known ? std::string(text).append(" ").append(Lasting(*known)).append(" ago")
               : std::string(otherwise);
}

void PrintStatus(JsonView status, std::ostream& out) {
  out << "dispatcher " << status["version"].StringOr("") << ", up for "
      << Lasting(status["uptime_seconds"].Double().value_or(0)) << ", "
      << (status["ready"].BoolOr(false) ? "ready" : "not ready")
      << (status["dry_run"].BoolOr(false) ? ", dry run: nothing is written" : "") << "\n";
  for (const char* const list : {"not_ready", "degraded"}) {
    status[list].ForEach([&](JsonView reason) { Line(out, "  ", list, reason.StringOr("")); });
  }
  if (const JsonView leader = status["leader"]; leader.exists()) {
    Line(out, "  ", "leader election", leader["state"].StringOr(""));
    Line(out, "  ", "leads", leader["holder"].StringOr(""));
  }
  const JsonView stream = status["stream"], snapshot = status["snapshot"], marathon = status["marathon"];
  const bool alive = stream["connected"].BoolOr(false);
  out << "\nMarathon " << marathon["version"].StringOr("") << "\n";
  Line(out, "  ", "event stream",
       alive ? "alive at " + stream["url"].StringOr("") + ", " +
                   Ago("heard of", stream["silent_seconds"], "nothing heard yet") + ", " +
                   Count(static_cast<size_t>(stream["events"].IntOr(0)), "event", "events")
             : Ago("lost", stream["down_seconds"], "not connected"));
  Line(out, "  ", "its last error", alive ? "" : stream["error"].StringOr(""));
  Line(out, "  ", "last snapshot", Ago("complete", snapshot["age_seconds"], "none yet"));
  Line(out, "  ", "reads fail", snapshot["error"].StringOr(""));
  Line(out, "  ", "not believed", marathon["distrust"].StringOr(""));
  out << "  " << status["apps"].IntOr(0) << " apps, " << status["running"].IntOr(0) << " of "
      << status["tasks"].IntOr(0) << " tasks running, " << status["services"].IntOr(0) << " services\n";
  status["adapters"].ForEach([&](JsonView adapter) {
    out << "\nregistry " << adapter["adapter"].StringOr("")
        << (adapter["read"].BoolOr(false) ? "" : " (not read yet)") << ": " << adapter["actual"].IntOr(0)
        << " entries there, " << adapter["desired"].IntOr(0) << " wanted";
    for (const auto& [field, one, many] : kCounts) {
      if (const int64_t count = adapter[field].IntOr(0); count > 0) {
        out << ", " << Count(static_cast<size_t>(count), one, many);
      }
    }
    out << "\n";
    Line(out, "  ", "fails", adapter["error"].StringOr(""));
  });
}

}  // namespace

absl::StatusOr<int> ExplainAll(Invocation& invocation, const Remote& remote, bool as_json) {
  ASSIGN_OR_RETURN(const std::string body, Ask(remote, "GET", "/v1/status", ""));
  if (as_json) {
    invocation.out << body << "\n";
    return kExitOk;
  }
  ASSIGN_OR_RETURN(const std::string last, Ask(remote, "GET", "/v1/decisions", ""));
  ASSIGN_OR_RETURN(const JsonDocument status, JsonDocument::Parse(body));
  ASSIGN_OR_RETURN(const JsonDocument decisions, JsonDocument::Parse(last));
  PrintStatus(status.root(), invocation.out);
  const JsonView list = decisions.root()["decisions"];
  invocation.out << "\nlast decisions\n";
  for (size_t i = list.size() - std::min(list.size(), kLastDecisions); i < list.size(); ++i) {
    PrintDecision(list.At(i), list.At(i)["app"].StringOr(""), invocation.out);
  }
  return kExitOk;
}

}  // namespace dispatcher
