#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/remote.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

std::string Listed(JsonView list) {
  std::string text;
  list.ForEach(
      [&](JsonView item) { text.append(text.empty() ? "" : ", ").append(item.StringOr(item.Dump())); });
  return text;
}

// "  label: text", or nothing without a text.
void Line(std::ostream& out, std::string_view indent, std::string_view label, const std::string& text) {
  if (!text.empty()) {
    out << indent << label << ": " << text << "\n";
  }
}

void PrintTask(JsonView task, std::ostream& out) {
  out << "\ntask " << task["task"].StringOr("") << "\n";
  Line(out, "  ", "phase", task["phase"].StringOr(""));
  Line(out, "  ", "wanted", task["want"].StringOr(""));
  Line(out, "  ", "because", task["reason"].StringOr(""));
  Line(out, "  ", "host", task["host"].StringOr(""));
  Line(out, "  ", "ports", Listed(task["ports"]));
  Line(out, "  ", "addresses", Listed(task["ips"]));
  Line(out, "  ", "health", task["health"].StringOr(""));
  Line(out, "  ", "version", task["version"].StringOr(""));
  task["facts"].ForEach([&](JsonView fact) { Line(out, "  ", "fact", fact.StringOr("")); });
}

void PrintService(JsonView service, const std::string& task_prefix, std::ostream& out) {
  out << "\nport " << service["port"].IntOr(0) << " as " << Listed(service["names"]) << "\n";
  Line(out, "  ", "wanted", service["want"].StringOr(""));
  Line(out, "  ", "because", service["reason"].StringOr(""));
  Line(out, "  ", "tags", Listed(service["tags"]));
  Line(out, "  ", "not published", service["refusal"].StringOr(""));
  service["problems"].ForEach([&](JsonView problem) { Line(out, "  ", "problem", problem.StringOr("")); });
  service["instances"].ForEach([&](JsonView instance) {
    if (instance["task"].StringOr("").starts_with(task_prefix)) {
      const std::string want = instance["want"].StringOr("");
      out << "  " << instance["address"].StringOr("?") << ":" << instance["port"].IntOr(0) << " "
          << (want == "no" ? "not wanted" : instance["condition"].StringOr("") + ", wanted " + want)
          << ", task " << instance["task"].StringOr("") << "\n";
    }
  });
}

// What waits or was refused, one line an item.
void PrintAdapters(JsonView app, std::ostream& out) {
  app["refusals"].ForEach([&](JsonView item) {
    out << "\nrefused in " << item["adapter"].StringOr("") << ": " << item["reason"].StringOr("") << "\n";
  });
  app["held"].ForEach([&](JsonView item) {
    out << "\nheld back in " << item["adapter"].StringOr("") << ": removal of " << item["kind"].StringOr("")
        << " " << item["id"].StringOr("") << ", " << item["reason"].StringOr("") << "\n";
  });
  app["planned"].ForEach([&](JsonView item) {
    out << "\npending in " << item["adapter"].StringOr("") << ": " << item["op"].StringOr("") << " "
        << item["kind"].StringOr("") << " " << item["id"].StringOr("") << "\n";
  });
}

void PrintApp(JsonView app, const std::string& task_prefix, std::ostream& out) {
  out << app["id"].StringOr("") << ": " << app["state"].StringOr("") << "\n";
  Line(out, "  ", "version", app["version"].StringOr(""));
  Line(out, "  ", "instances wanted", std::to_string(app["instances"].IntOr(0)));
  Line(out, "  ", "deployments", Listed(app["deployments"]));
  app["missing"].ForEach([&](JsonView item) { Line(out, "  ", "missing", item.StringOr("")); });
  app["tasks"].ForEach([&](JsonView task) {
    if (task["task"].StringOr("").starts_with(task_prefix)) {
      PrintTask(task, out);
    }
  });
  app["services"].ForEach([&](JsonView service) { PrintService(service, task_prefix, out); });
  PrintAdapters(app, out);
  if (app["decisions"].size() > 0) {
    out << "\n";
  }
  app["decisions"].ForEach([&](JsonView decision) {
    const std::string task = decision["task"].StringOr("");
    if (task.empty() || task.starts_with(task_prefix)) {
      out << decision["at"].StringOr("") << " " << decision["source"].StringOr("") << " " << task
          << (task.empty() ? "" : " ") << decision["text"].StringOr("") << "\n";
    }
  });
}

}  // namespace

absl::StatusOr<int> Explain(Invocation& invocation) {
  ASSIGN_OR_RETURN(const bool as_json, WantsJson(invocation));
  ASSIGN_OR_RETURN(const std::string url, RemoteUrl(invocation));
  const std::vector<std::string>& words = invocation.arguments.words;
  std::vector<std::string_view> segments;
  for (const std::string_view segment : Split(words[0], '/')) {
    if (!segment.empty()) {
      segments.push_back(segment);
    }
  }
  ASSIGN_OR_RETURN(const std::string body, Ask(url, "GET", HttpPath("/v1/apps", segments), ""));
  ASSIGN_OR_RETURN(const JsonDocument answer, JsonDocument::Parse(body));
  if (as_json) {
    invocation.out << body << "\n";
  } else {
    PrintApp(answer.root(), words.size() > 1 ? words[1] : "", invocation.out);
  }
  return kExitOk;
}

}  // namespace dispatcher
