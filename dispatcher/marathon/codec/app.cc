#include "dispatcher/marathon/codec/app.h"

#include "dispatcher/marathon/codec/definition.h"
#include "dispatcher/marathon/codec/life.h"

namespace dispatcher {
namespace {

CheckResult DecodeResult(const JsonFields& result) {
  CheckResult decoded;
  decoded.alive = result.Bool("alive", false);
  decoded.last_success = result.Stamp("lastSuccess");
  decoded.last_failure = result.Stamp("lastFailure");
  // Marathon stores the unchanged Health for failures that it ignores: in the grace
  // period, or not running (core/health/impl/HealthCheckActor.scala).
  decoded.counted = decoded.alive || result.Int("consecutiveFailures", 0) != 0 ||
                    result.Has("firstSuccess") || result.Has("lastFailure");
  return decoded;
}

TaskSeen DecodeTask(const JsonFields& task) {
  TaskSeen seen;
  seen.task = task.Need("id");
  seen.staged_at = task.Stamp("stagedAt");
  seen.started_at = task.Stamp("startedAt");
  seen.word = task.Text("state");
  if (seen.word.empty()) {
    seen.life = task.Has("startedAt") ? Life::kRunning : Life::kStaging;
  } else {
    seen.life = LifeOf(seen.word);
  }
  seen.host = task.Host("host");
  seen.ports = task.Ports("ports");
  seen.ips = task.Addresses("ipAddresses");
  seen.version = task.Text("version");
  seen.version_at = task.Stamp("version");
  task.Each("healthCheckResults", [&](const JsonFields& r) { seen.results.push_back(DecodeResult(r)); });
  return seen;
}

}  // namespace

absl::StatusOr<AppElement> DecodeApp(JsonView app) {
  absl::Status error;
  const JsonFields fields("app", app["id"].String().value_or("without id"), app, error);
  AppElement element;
  element.definition = std::make_shared<const Definition>(DecodeDefinition(fields));
  element.has_tasks = app["tasks"].IsArray();
  if (app["tasks"].size() > kMaxTasks) {
    return Error(absl::StatusCode::kInvalidArgument, "app ", element.definition->id, ": tasks are more than ",
                 std::to_string(kMaxTasks));
  }
  element.tasks.reserve(app["tasks"].size());
  fields.Each("tasks", [&](const JsonFields& task) { element.tasks.push_back(DecodeTask(task)); });
  fields.Each("deployments", [&](const JsonFields& d) { element.deployments.push_back(d.Need("id")); });
  fields.Each("readinessCheckResults", [&](const JsonFields& result) {
    if (result.Bool("ready", false)) {
      element.ready_tasks.push_back(result.Need("taskId"));
    }
  });
  RETURN_IF_ERROR(error);
  return element;
}

absl::StatusOr<AppElement> DecodeAppText(std::string_view text) {
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(text));
  const JsonView root = document.root();
  return DecodeApp(root["app"].IsObject() ? root["app"] : root);
}

AppId SalvageId(std::string_view text) {
  int depth = 0;
  bool is_key = false;  // the string that begins now is a key of the outer object
  bool is_id = false;   // the value that comes is that of "id"
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '{':
      case '[':
        is_key = ++depth == 1;
        is_id = false;
        break;
      case '}':
      case ']':
        --depth;
        break;
      case ',':
        is_key = depth == 1;
        is_id = false;
        break;
      case '"': {
        const size_t begin = i + 1;
        for (++i; i < text.size() && text[i] != '"'; ++i) {
          i += text[i] == '\\' ? 1 : 0;
        }
        if (i >= text.size()) {
          return "";
        }
        const std::string_view word = text.substr(begin, i - begin);
        if (is_id) {
          return NormalAppId(word);
        }
        is_id = is_key && word == "id";
        is_key = false;
        break;
      }
      default:
        break;
    }
  }
  return "";
}

}  // namespace dispatcher
