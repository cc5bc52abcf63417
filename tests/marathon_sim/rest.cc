#include "tests/marathon_sim/rest.h"

#include <algorithm>
#include <optional>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/marathon_sim/rest_pods.h"

namespace dispatcher::sim {
namespace {

using world::Embed;
using world::World;

std::vector<std::string> QueryValues(const RestCall& call, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : call.query) {
    if (key == name) {
      values.push_back(value);
    }
  }
  return values;
}

bool Flag(const RestCall& call, std::string_view name) {
  const auto values = QueryValues(call, name);
  return !values.empty() && values.back() == "true";
}

RestAnswer Say(int status, std::string_view message) {
  JsonWriter out;
  out.BeginObject().Field("message", message).EndObject();
  return {.status = status, .body = out.Take()};
}

RestAnswer NotAllowed() { return {.status = 405, .content_type = "text/html", .body = "Method Not Allowed"}; }

// embed= accepts "apps.tasks", "app.tasks", "group.apps.tasks" and "tasks".
Embed EmbedOf(const RestCall& call, bool all) {
  Embed embed{.tasks = all, .deployments = all, .counts = all, .readiness = all, .last_failure = all};
  bool any = false;
  for (std::string_view what : QueryValues(call, "embed")) {
    for (std::string_view prefix : {"group.apps.", "apps.", "app."}) {
      if (what.starts_with(prefix)) {
        what.remove_prefix(prefix.size());
        break;
      }
    }
    any = true;
    embed.tasks = embed.tasks || what == "tasks" || what == "failures";
    embed.deployments = embed.deployments || what == "deployments" || embed.tasks;
    embed.counts = embed.counts || what == "counts" || embed.tasks;
    embed.readiness = embed.readiness || what == "readiness";
    embed.last_failure = embed.last_failure || what == "lastTaskFailure" || what == "failures";
  }
  embed.counts = embed.counts || !any;
  embed.health = call.health;
  return embed;
}

// label=key, label=key==value, label=key!=value; several joined by commas.
bool LabelFits(const world::App& app, std::string_view selector) {
  const size_t equals = selector.find("==");
  const size_t differs = selector.find("!=");
  const std::string key(Trim(selector.substr(0, std::min(equals, differs))));
  const auto label = app.labels.find(key);
  if (equals != std::string_view::npos) {
    return label != app.labels.end() && label->second == Trim(selector.substr(equals + 2));
  }
  if (differs != std::string_view::npos) {
    return label == app.labels.end() || label->second != Trim(selector.substr(differs + 2));
  }
  return label != app.labels.end();
}

RestAnswer ListApps(const World& world, const RestCall& call) {
  const auto ids = QueryValues(call, "id"), cmds = QueryValues(call, "cmd"),
             labels = QueryValues(call, "label");
  return {.body = world.AppsJson(EmbedOf(call, false), [&](const world::App& app) {
    const auto contains = [](std::string_view text) {
      return [text](const std::string& part) { return text.find(part) != std::string_view::npos; };
    };
    return std::all_of(ids.begin(), ids.end(), contains(app.id)) &&
           std::all_of(cmds.begin(), cmds.end(), contains(app.cmd)) &&
           std::all_of(labels.begin(), labels.end(), [&](const std::string& selectors) {
             const auto parts = Split(selectors, ',');
             return std::all_of(parts.begin(), parts.end(), [&](auto part) { return LabelFits(app, part); });
           });
  })};
}

std::string NoSuchApp(std::string_view id) { return "App '" + world::AbsoluteId(id) + "' does not exist"; }

// "<id>/versions/<v>" into id and v, if `text` has the word as a whole segment.
struct Tail {
  std::string id, rest;
};
std::optional<Tail> SplitAt(std::string_view text, std::string_view word) {
  const std::string middle = "/" + std::string(word);
  const size_t at = text.rfind(middle);
  const size_t end = at + middle.size();
  if (at == std::string_view::npos || at == 0 || (end < text.size() && text[end] != '/')) {
    return std::nullopt;
  }
  std::string_view rest = text.substr(end);
  while (rest.starts_with("/")) {
    rest.remove_prefix(1);
  }
  return Tail{std::string(text.substr(0, at)), std::string(rest)};
}

RestAnswer Versions(const World& world, const RestCall& call, const Tail& tail) {
  RestAnswer answer =
      call.method != "GET" ? NotAllowed()
      : tail.rest.empty()
          ? FoundOr404(world.VersionsJson(world::AbsoluteId(tail.id)), NoSuchApp(tail.id))
          : FoundOr404(world.VersionJson(world::AbsoluteId(tail.id), tail.rest),
                       "App '" + world::AbsoluteId(tail.id) + "' does not exist in version " + tail.rest);
  answer.pattern = tail.rest.empty() ? "/v2/apps/{id}/versions" : "/v2/apps/{id}/versions/{version}";
  return answer;
}

RestAnswer AppTasks(World& world, const RestCall& call, const Tail& tail) {
  RestAnswer answer = NotAllowed();
  if (call.method == "GET" && tail.rest.empty()) {
    const bool group = tail.id.ends_with("*");
    const std::string id =
        group ? world::AbsoluteId(tail.id.substr(0, tail.id.size() - 1)) + "/*" : world::AbsoluteId(tail.id);
    answer = FoundOr404(world.AppTasksJson(id == "//*" ? "/*" : id), NoSuchApp(tail.id));
  } else if (call.method == "DELETE") {
    answer = AnswerOf(tail.rest.empty() ? world.KillTasks(tail.id, Flag(call, "scale"))
                                        : world.KillTask(tail.id, tail.rest, Flag(call, "scale")));
  }
  answer.pattern = tail.rest.empty() ? "/v2/apps/{id}/tasks" : "/v2/apps/{id}/tasks/{task}";
  return answer;
}

RestAnswer OneApp(World& world, const RestCall& call, const std::string& id) {
  RestAnswer answer = NotAllowed();
  const bool force = Flag(call, "force");
  if (call.method == "GET" && id.ends_with("*")) {
    const std::string prefix = world::AbsoluteId(id.substr(0, id.size() - 1));
    answer.status = 200;
    answer.content_type = "application/json";
    answer.body = world.AppsJson(
        EmbedOf(call, false),
        [&](const world::App& app) { return app.id.starts_with(prefix == "/" ? prefix : prefix + "/"); },
        "*");
  } else if (call.method == "GET") {
    answer = FoundOr404(world.AppJson(world::AbsoluteId(id), EmbedOf(call, true)), NoSuchApp(id));
  } else if (call.method == "PUT" || call.method == "PATCH") {
    answer = AnswerOf(world.Put(id, call.body, force));
  } else if (call.method == "DELETE") {
    answer = AnswerOf(world.Delete(id, force));
  }
  answer.pattern = "/v2/apps/{id}";
  return answer;
}

RestAnswer Apps(World& world, const RestCall& call, std::string_view below) {
  while (below.starts_with("/")) {
    below.remove_prefix(1);
  }
  if (below.empty()) {
    RestAnswer answer = NotAllowed();
    if (call.method == "GET") {
      answer = ListApps(world, call);
    } else if (call.method == "POST") {
      answer = AnswerOf(world.Post(call.body, Flag(call, "force")));
    } else if (call.method == "PUT") {
      answer = AnswerOf(world.PutMany(call.body, Flag(call, "force")));
    }
    answer.pattern = "/v2/apps";
    return answer;
  }
  const std::string path = "/" + std::string(below);
  if (const auto tail = SplitAt(path, "versions")) {
    return Versions(world, call, *tail);
  }
  if (const auto tail = SplitAt(path, "tasks")) {
    return AppTasks(world, call, *tail);
  }
  if (const auto tail = SplitAt(path, "restart"); tail && tail->rest.empty()) {
    RestAnswer answer =
        call.method == "POST" ? AnswerOf(world.Restart(tail->id, Flag(call, "force"))) : NotAllowed();
    answer.pattern = "/v2/apps/{id}/restart";
    return answer;
  }
  return OneApp(world, call, path);
}

RestAnswer Groups(World& world, const RestCall& call, std::string_view below) {
  const std::string id = world::AbsoluteId(below);
  const bool force = Flag(call, "force");
  RestAnswer answer = NotAllowed();
  if (call.method == "GET") {
    answer = FoundOr404(world.GroupJson(id), "Group '" + id + "' does not exist");
  } else if (call.method == "POST" || call.method == "PUT") {
    answer = AnswerOf(world.PutGroup(id, call.body, call.method == "POST", force));
  } else if (call.method == "DELETE") {
    answer = AnswerOf(world.DeleteGroup(id, force));
  }
  answer.pattern = id == "/" ? "/v2/groups" : "/v2/groups/{id}";
  return answer;
}

RestAnswer Deployments(World& world, const RestCall& call, std::string_view below) {
  RestAnswer answer = NotAllowed();
  if (call.method == "GET") {
    answer = {.body = world.DeploymentsJson()};
  } else if (call.method == "DELETE" && below.size() > 1) {
    answer = AnswerOf(world.CancelDeployment(below.substr(1), Flag(call, "force")));
  }
  answer.pattern = below.empty() ? "/v2/deployments" : "/v2/deployments/{id}";
  return answer;
}

RestAnswer Tasks(World& world, const RestCall& call) {
  const auto statuses = QueryValues(call, "status");
  const std::string_view accept = FindHeader(call.headers, "Accept");
  if (accept.find("json") == std::string_view::npos && !world.profile().Since(5)) {
    // Old ones answer in columns unless asked for JSON.
    std::string lines;
    for (const auto& app : world.Apps()) {
      lines += world::AbsoluteId(app->id).substr(1) + "\t\t";
      for (const auto& task : world.Running()) {
        lines += task.app == app->id && !task.endpoints.empty()
                     ? task.endpoints[0].address + ":" + std::to_string(task.endpoints[0].port) + "\t"
                     : "";
      }
      lines += "\n";
    }
    return {.content_type = "text/plain", .body = lines, .pattern = "/v2/tasks"};
  }
  return {.body = world.TasksJson(statuses.size() == 1 ? statuses[0] : ""), .pattern = "/v2/tasks"};
}

std::optional<std::string_view> Below(std::string_view path, std::string_view root) {
  if (!path.starts_with(root) || (path.size() > root.size() && path[root.size()] != '/')) {
    return std::nullopt;
  }
  return path.substr(root.size());
}

}  // namespace

RestAnswer AnswerOf(const world::Reply& reply) {
  RestAnswer answer{.status = reply.status, .body = reply.body};
  answer.deployment = reply.deployment;
  if (!reply.deployment.empty()) {
    answer.headers.emplace_back("Marathon-Deployment-Id", reply.deployment);
  }
  return answer;
}

RestAnswer FoundOr404(std::optional<std::string> body, std::string_view message) {
  return body ? RestAnswer{.body = std::move(*body)} : Say(404, message);
}

RestAnswer Rest(World& world, const RestCall& call) {
  const std::string_view path = call.path;
  if (const auto below = Below(path, "/v2/apps")) {
    return Apps(world, call, *below);
  }
  if (const auto below = Below(path, "/v2/groups")) {
    return Groups(world, call, *below);
  }
  if (const auto below = Below(path, "/v2/deployments")) {
    return Deployments(world, call, *below);
  }
  if (const auto below = Below(path, "/v2/pods"); below && world.profile().Since(4)) {
    return Pods(world, call, *below);
  }
  const bool get = call.method == "GET";
  if (path == "/v2/tasks") {
    return get ? Tasks(world, call) : NotAllowed();
  }
  if (path == "/v2/info") {
    return {.body = world.InfoJson(), .pattern = "/v2/info"};
  }
  if (path == "/v2/queue") {
    return {.body = world.QueueJson(), .pattern = "/v2/queue"};
  }
  if (path == "/v2/leader" && get) {
    return {.body = world.LeaderJson(), .pattern = "/v2/leader"};
  }
  if (path == "/ping") {
    const bool json = FindHeader(call.headers, "Accept").find("json") != std::string_view::npos;
    return {.content_type = json ? "application/json" : "text/plain",
            .body = json ? "\"pong\"" : "pong",
            .pattern = "/ping"};
  }
  return {.status = 404, .content_type = "text/html", .body = "Not Found", .pattern = "other"};
}

}  // namespace dispatcher::sim
