#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_join.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/explain_all.h"
#include "dispatcher/commands/explain_words.h"
#include "dispatcher/commands/remote.h"

namespace dispatcher {
namespace {

std::string Listed(JsonView list) {
  std::string text;
  list.ForEach(
      [&](JsonView item) { text.append(text.empty() ? "" : ", ").append(item.StringOr(item.Dump())); });
  return text;
}

// In words that fit the phase: what is unfit is wanted, and yet gets no traffic.
std::string WantedWords(JsonView task) {
  const std::string want = task["want"].StringOr("");
  return want == "if-there" ? "where it is there, and nowhere anew"
         : want == "yes" && task["phase"].StringOr("") == "Unfit"
             ? "in discovery as critical; in routers only as services.panic_threshold keeps it"
             : want;
}

void PrintTask(JsonView task, std::ostream& out) {
  out << "\ntask " << task["task"].StringOr("") << "\n";
  Line(out, "  ", "phase", task["phase"].StringOr(""));
  Line(out, "  ", "wanted", WantedWords(task));
  Line(out, "  ", "because", task["reason"].StringOr(""));
  Line(out, "  ", "host", task["host"].StringOr(""));
  Line(out, "  ", "ports", Listed(task["ports"]));
  Line(out, "  ", "addresses", Listed(task["ips"]));
  Line(out, "  ", "health", task["health"].StringOr(""));
  Line(out, "  ", "version", task["version"].StringOr(""));
  task["facts"].ForEach([&](JsonView fact) { Line(out, "  ", "fact", fact.StringOr("")); });
}

// `told`: problems and reasons that were printed already.
void PrintService(JsonView service, const std::string& task_prefix, const std::set<std::string>& told,
                  std::ostream& out) {
  const std::string port = "port " + std::to_string(service["port"].IntOr(0));
  out << "\n" << port << ", service name " << Listed(service["names"]) << "\n";
  if (const std::string want = service["want"].StringOr(""); want != "yes") {
    Line(out, "  ", "wanted", want);
  }
  Line(out, "  ", "because", service["reason"].StringOr(""));
  Line(out, "  ", "tags", Listed(service["tags"]));
  if (const std::string refusal = service["refusal"].StringOr("");
      !told.contains(port + " is not published: " + refusal)) {
    Line(out, "  ", "not published", refusal);
  }
  service["problems"].ForEach([&](JsonView problem) {
    if (const std::string text = problem.StringOr(""); !told.contains(text)) {
      Line(out, "  ", "problem", text);
    }
  });
  service["instances"].ForEach([&](JsonView instance) {
    if (instance["task"].StringOr("").starts_with(task_prefix)) {
      const std::string want = instance["want"].StringOr("");
      out << "  instance " << instance["address"].StringOr("?") << ":" << instance["port"].IntOr(0)
          << ", task " << instance["task"].StringOr("") << ": "
          << (want == "no" ? "not wanted" : instance["condition"].StringOr(""))
          << (want == "if-there" ? ", kept where it is there" : "") << "\n";
    }
  });
}

// One registry, a line an entry.
void PrintPlace(JsonView place, const std::string& task_prefix, std::ostream& out) {
  out << "\nregistry " << place["adapter"].StringOr("")
      << (place["read"].BoolOr(true) ? "" : " (not read yet)")
      << (place["entries"].size() + place["not_published"].size() == 0 ? ": nothing\n" : "\n");
  place["not_published"].ForEach([&](JsonView item) {
    out << "  port " << item["port"].IntOr(0) << " is not published: " << item["reason"].StringOr("") << "\n";
  });
  place["entries"].ForEach([&](JsonView entry) {
    const std::string task = entry["task"].StringOr(""), address = entry["address"].StringOr("");
    if (!task.empty() && !task.starts_with(task_prefix)) {
      return;
    }
    out << "  " << entry["kind"].StringOr("") << " " << entry["id"].StringOr("")
        << (address.empty() ? "" : " at " + address) << ": "
        << entry["words"].StringOr(entry["state"].StringOr(""));
    if (const std::string why = entry["why"].StringOr(""); !why.empty()) {
      out << ", " << why;
    }
    if (const std::optional<double> since = entry["since_seconds"].Double()) {
      out << ", there for " << (entry["found"].BoolOr(false) ? "at least " : "") << Lasting(*since);
    }
    out << "\n";
  });
}

// What Marathon says of it, and its state where that is not all there is to say.
std::string AppWords(JsonView app) {
  const std::string state = app["state"].StringOr("");
  if (state == "known") {
    return Count(static_cast<size_t>(app["instances"].IntOr(0)), "instance", "instances") + " wanted, " +
           std::to_string(app["serving"].IntOr(0)) + " serving";
  }
  return state == "learning"      ? "being learned, its definition was not read yet"
         : state == "undecodable" ? "Marathon's answer for it can't be decoded"
         : state == "gone"        ? "Marathon has it no more"
         : state == "unknown"     ? "no app of Marathon's"
                                  : state;
}

// Those that live, then a few of those that have ended: of an app that crashes all the time
// there are hundreds.
void PrintTasks(JsonView app, const std::string& task_prefix, std::ostream& out) {
  constexpr size_t kEndedShown = 3;
  std::vector<JsonView> ended;
  app["tasks"].ForEach([&](JsonView task) {
    if (task["task"].StringOr("").starts_with(task_prefix)) {
      if (task["phase"].StringOr("") == "Gone") {
        ended.push_back(task);
      } else {
        PrintTask(task, out);
      }
    }
  });
  for (size_t i = 0; i < std::min(ended.size(), kEndedShown); ++i) {
    PrintTask(ended[i], out);
  }
  if (ended.size() > kEndedShown) {
    out << "and " << Count(ended.size() - kEndedShown, "task", "tasks")
        << " more that ended: name one, or see --output json\n";
  }
}

void PrintApp(JsonView app, const std::string& task_prefix, std::ostream& out) {
  out << app["id"].StringOr("") << ": " << AppWords(app) << "\n";
  app["adapters"].ForEach(
      [&](JsonView place) { Line(out, "  ", place["adapter"].StringOr(""), place["summary"].StringOr("")); });
  std::set<std::string> told;
  app["missing"].ForEach([&](JsonView item) {
    const std::string text = item.StringOr("");
    // That a port is not published is in the registries' lines.
    if (!text.starts_with("port ") || app["adapters"].size() == 0) {
      Line(out, "  ", text.starts_with("label ") ? "problem" : "missing", text);
    }
    told.insert(text);
  });
  Line(out, "  ", "version", app["version"].StringOr(""));
  Line(out, "  ", "deployments", Listed(app["deployments"]));
  PrintTasks(app, task_prefix, out);
  app["services"].ForEach([&](JsonView service) { PrintService(service, task_prefix, told, out); });
  app["adapters"].ForEach([&](JsonView place) { PrintPlace(place, task_prefix, out); });
  if (app["decisions"].size() > 0) {
    out << "\nlast decisions\n";
  }
  app["decisions"].ForEach([&](JsonView decision) {
    const std::string task = decision["task"].StringOr("");
    if (task.empty() || task.starts_with(task_prefix)) {
      PrintDecision(decision, "", out);
    }
  });
}

// NotFound unless a task begins so: one that is known, whose entry still stands, or of which
// something was decided.
absl::Status CheckTask(JsonView app, const std::string& prefix) {
  bool found = false;
  std::vector<std::string> names;
  const auto look = [&](JsonView of) {
    const std::string task = of["task"].StringOr("");
    found = found || (!task.empty() && task.starts_with(prefix));
    return task;
  };
  app["tasks"].ForEach([&](JsonView task) { names.push_back(look(task)); });
  app["adapters"].ForEach(
      [&](JsonView place) { place["entries"].ForEach([&](JsonView entry) { look(entry); }); });
  app["decisions"].ForEach([&](JsonView decision) { look(decision); });
  if (found) {
    return absl::OkStatus();
  }
  constexpr size_t shown = 5;
  const size_t more = names.size() - std::min(names.size(), shown);
  names.resize(std::min(names.size(), shown));
  return Error(absl::StatusCode::kNotFound, "no task of ", app["id"].StringOr(""), " begins with \"", prefix,
               "\"; it has ", names.empty() ? "none" : absl::StrJoin(names, ", "),
               more == 0 ? "" : " and " + std::to_string(more) + " more");
}

}  // namespace

absl::StatusOr<int> Explain(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  ASSIGN_OR_RETURN(const Remote remote, RemoteOf(invocation));
  const std::vector<std::string>& words = invocation.arguments.words;
  if (words.empty()) {
    return ExplainAll(invocation, remote, as_json);
  }
  ASSIGN_OR_RETURN(const std::string body, Ask(remote, "GET", AppPath(words[0]), ""));
  ASSIGN_OR_RETURN(const JsonDocument answer, JsonDocument::Parse(body));
  if (words.size() > 1) {
    RETURN_IF_ERROR(CheckTask(answer.root(), words[1]));
  }
  if (as_json) {
    invocation.out << body << "\n";
  } else {
    PrintApp(answer.root(), words.size() > 1 ? words[1] : "", invocation.out);
  }
  return kExitOk;
}

}  // namespace dispatcher
