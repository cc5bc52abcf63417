#include "dispatcher/base/strings.h"
#include "dispatcher/commands/color.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {
namespace {

// What is done at once, and what the brake holds back.
struct Counts {
  size_t changes = 0, held = 0;
};

Counts CountOf(JsonView adapter) {
  Counts counts;
  adapter["changes"].ForEach(
      [&](JsonView change) { ++(change["held"].BoolOr(false) ? counts.held : counts.changes); });
  return counts;
}

// "kong: 3 to change, 1 held back", or why that can't be said.
std::string AdapterWords(JsonView adapter, const Counts& counts) {
  const bool complete = adapter["complete"].BoolOr(false);
  const std::string name = adapter["adapter"].StringOr(""), error = adapter["error"].StringOr("");
  const std::string fails = error.empty() ? "" : ", it fails: " + error;
  if (!complete && counts.changes + counts.held == 0) {
    return name + ": unknown, not everything has been read yet" + fails;
  }
  return name + ": " + std::to_string(counts.changes) + " to change" +
         (counts.held == 0 ? "" : ", " + std::to_string(counts.held) + " held back") +
         (complete ? "" : " (not everything has been read yet)") + fails;
}

// + what is new, ~ what is changed, - what goes: "+ service web-1 10.0.0.1:31001  (it is running)"
void PrintChange(JsonView change, bool colored, std::ostream& out) {
  const bool put = change["op"].StringOr("") == "put";
  const bool there = change["there"].BoolOr(false);
  const std::string what = std::string(!put    ? "- "
                                       : there ? "~ "
                                               : "+ ") +
                           change["kind"].StringOr("") + " " + change["id"].StringOr("");
  out << "  " << Colored(what, !put ? Color::kRed : there ? Color::kYellow : Color::kGreen, colored);
  for (const char* const field : {"lane", "address", "app"}) {
    if (const std::string value = change[field].StringOr(""); !value.empty()) {
      out << (std::string_view(field) == "lane" ? " on " : " ") << value;
    }
  }
  if (const std::string reason = change["reason"].StringOr(""); !reason.empty()) {
    out << (change["held"].BoolOr(false) ? "  (held: " : "  (") << reason << ")";
  }
  out << "\n";
}

}  // namespace

absl::StatusOr<int> Plan(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  ASSIGN_OR_RETURN(const bool colored, WantsColor(invocation));
  ASSIGN_OR_RETURN(const Remote remote, RemoteOf(invocation));
  ASSIGN_OR_RETURN(const std::string body, Ask(remote, "GET", "/v1/plan", ""));
  ASSIGN_OR_RETURN(const JsonDocument answer, JsonDocument::Parse(body));
  Counts all;
  bool complete = true;
  if (answer.root()["dry_run"].BoolOr(false) && !as_json) {
    invocation.out << "dry run: nothing of this is written\n";
  }
  answer.root()["adapters"].ForEach([&](JsonView adapter) {
    const Counts counts = CountOf(adapter);
    all.changes += counts.changes;
    all.held += counts.held;
    complete = complete && adapter["complete"].BoolOr(false);
    if (as_json) {
      return;
    }
    invocation.out << AdapterWords(adapter, counts) << "\n";
    adapter["changes"].ForEach([&](JsonView change) { PrintChange(change, colored, invocation.out); });
  });
  if (as_json) {
    invocation.out << body << "\n";
  }
  if (const std::string distrust = answer.root()["distrust"].StringOr(""); !distrust.empty() && !as_json) {
    invocation.out << "the last snapshot of Marathon is not believed, nothing goes for it: " << distrust
                   << "\n";
  }
  if (all.held > 0 && !as_json) {
    invocation.out << Count(all.held, "removal is", "removals are")
                   << " held back by the brake: `dispatcher release` lets them go\n";
  }
  if (all.changes + all.held > 0) {
    return kExitChanges;
  }
  if (!complete) {
    return absl::UnavailableError(
        "Marathon or a registry has not been read completely yet: ask again, see /readyz");
  }
  return kExitOk;
}

}  // namespace dispatcher
