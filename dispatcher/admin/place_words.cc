#include "dispatcher/admin/place_words.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr size_t kNamesTold = 3;

// What stands in one state: tasks, and entries of none; and the first that says why.
struct InState {
  std::set<std::string> what;
  std::string why;
};

struct Tally {
  std::set<TaskId> wanted, wrong, out;  // tasks; wrong: of the wanted, not as they should be
  size_t structure = 0, standing = 0;   // entries of no task: wanted, and as they should be
  std::map<std::string_view, InState> states;
};

Tally TallyOf(const AppPlace& place) {
  constexpr std::string_view kWanted[] = {"right", "writing", "due", "waits", "failing", "refused"};
  Tally tally;
  for (const EntryReport& entry : place.entries) {
    const bool right = entry.state == "right";
    const bool wanted = std::find(std::begin(kWanted), std::end(kWanted), entry.state) != std::end(kWanted);
    InState& state = tally.states[entry.state];
    state.what.insert(entry.task.empty() ? entry.id.id : entry.task);
    state.why = state.why.empty() ? entry.why : state.why;
    if (entry.task.empty()) {
      tally.structure += wanted ? 1 : 0;
      tally.standing += right ? 1 : 0;
    } else if (wanted) {
      tally.wanted.insert(entry.task);
      if (!right) {
        tally.wrong.insert(entry.task);
      }
    } else if (entry.state == "out") {
      tally.out.insert(entry.task);
    }
  }
  return tally;
}

// The names that it stands under here, "a, b, c, 2 more".
std::string NamesOf(const AppView& view, const AppPlace& place) {
  std::vector<std::string> names;
  for (const auto& service : view.services) {
    const bool out = std::any_of(place.not_published.begin(), place.not_published.end(),
                                 [&](const auto& refused) { return refused.first == service->key.port; });
    if (!out && service->profile != nullptr) {
      names.insert(names.end(), service->profile->names.begin(), service->profile->names.end());
    }
  }
  if (names.size() > kNamesTold) {
    const std::string more = std::to_string(names.size() - kNamesTold) + " more";
    names.resize(kNamesTold);
    names.push_back(more);
  }
  return absl::StrJoin(names, ", ");
}

// Without a port, or while its definition is not known, there is nothing that could be registered.
bool HasNoServices(const AppView& view) { return view.services.empty() && !view.app.missing.empty(); }

// Why nothing is to be registered, as far as that is known.
std::string NothingBecause(const AppView& view) {
  if (HasNoServices(view)) {
    return view.app.missing.front();
  }
  for (const TaskReport& task : view.app.tasks) {
    if (task.phase != "Gone") {
      return task.reason;
    }
  }
  if (!view.app.tasks.empty()) {
    const std::string& reason = view.app.tasks.back().reason;
    return view.app.tasks.size() == 1 ? "its task runs no more: " + reason
                                      : "none of its " + std::to_string(view.app.tasks.size()) +
                                            " tasks runs any more, the last one: " + reason;
  }
  return !view.app.missing.empty() ? view.app.missing.front() : "no task of it is known";
}

// " (1 of them unfit: its health check fails)": registered as it should be, in a registry that shows it so.
std::string Unfit(const AppView& view, const Tally& tally) {
  size_t unfit = 0;
  std::string why;
  for (const TaskReport& task : view.app.tasks) {
    if (task.phase == "Unfit" && tally.wanted.contains(task.task) && !tally.wrong.contains(task.task)) {
      why = unfit++ == 0 ? task.reason : why;
    }
  }
  return unfit == 0 ? "" : " (" + std::to_string(unfit) + " of them unfit: " + why + ")";
}

std::string Lead(const AppView& view, const AppPlace& place, const Tally& tally) {
  const std::string names = NamesOf(view, place);
  const std::string as = names.empty() ? "" : " as " + names;
  std::set<TaskId> all = tally.wanted;
  all.insert(tally.out.begin(), tally.out.end());
  if (!all.empty()) {
    return std::to_string(tally.wanted.size() - tally.wrong.size()) + " of " +
           Count(all.size(), "instance", "instances") + " registered" + as + Unfit(view, tally);
  }
  if (tally.structure > 0 && tally.standing == tally.structure) {
    const bool runs = std::any_of(view.app.tasks.begin(), view.app.tasks.end(),
                                  [](const TaskReport& task) { return task.want == "yes"; });
    return "registered" + as + (runs || view.app.tasks.empty() ? "" : ", without an instance");
  }
  if (tally.structure > 0) {
    return std::to_string(tally.standing) + " of " + Count(tally.structure, "entry", "entries") +
           " registered" + as;
  }
  return "";
}

}  // namespace

std::string SummaryOf(const AppView& view, const std::string& adapter, const AppPlace& place) {
  if (place.entries.empty() && HasNoServices(view)) {
    return "nothing registered: " + NothingBecause(view);
  }
  const auto failing = view.failing.find(adapter);
  if (!place.read && (place.not_published.empty() || place.not_published.size() < view.services.size())) {
    return "not known: " +
           (failing == view.failing.end() ? "it was not read yet" : "it can't be read: " + failing->second);
  }
  const Tally tally = TallyOf(place);
  std::string text = Lead(view, place, tally);
  const auto add = [&](const std::string& part) { text.append(text.empty() ? "" : "; ").append(part); };
  const auto say = [&](std::string_view state, std::string_view one, std::string_view many) {
    if (const auto found = tally.states.find(state); found != tally.states.end()) {
      const InState& in = found->second;
      add(Count(in.what.size(), one, many) + (in.why.empty() ? "" : ": " + in.why));
    }
  };
  say("held", "removal held back", "removals held back");
  say("refused", "refused by it", "refused by it");
  say("failing", "fails", "fail");
  say("out", "out of traffic", "out of traffic");
  say("due", view.dry_run ? "to write (dry run)" : "about to be written",
      view.dry_run ? "to write (dry run)" : "about to be written");
  say("writing", "being written", "being written");
  say("waits", "waits for another registry", "wait for another registry");
  say("leaving", view.dry_run ? "to remove (dry run)" : "about to be removed",
      view.dry_run ? "to remove (dry run)" : "about to be removed");
  say("kept", "not wanted, and left as it is", "not wanted, and left as they are");
  for (const auto& [port, reason] : place.not_published) {
    const bool alone = text.empty() && place.not_published.size() == 1;
    add((alone ? "" : "port " + std::to_string(port) + " ") + "not published: " + reason);
  }
  return text.empty() ? "nothing registered: " + NothingBecause(view) : text;
}

}  // namespace dispatcher
