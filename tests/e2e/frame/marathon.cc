#include "tests/e2e/frame/marathon.h"

#include <map>
#include <stdexcept>
#include <utility>

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::string Join(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    joined += (joined.empty() ? "" : ",") + part;
  }
  return joined;
}

SimTask ReadTask(JsonView view) {
  SimTask task;
  task.app = view["app"].StringOr("");
  task.task = view["task"].StringOr("");
  task.life = view["life"].StringOr("");
  task.host = view["host"].StringOr("");
  task.version = view["version"].StringOr("");
  task.healthy = view["healthy"].Bool();
  task.has_checks = view["has_checks"].BoolOr(false);
  view["endpoints"].ForEach([&](JsonView endpoint) {
    task.endpoints.push_back({static_cast<int>(endpoint["index"].IntOr(0)), endpoint["name"].StringOr(""),
                              endpoint["address"].StringOr(""), static_cast<int>(endpoint["port"].IntOr(0)),
                              endpoint["protocol"].StringOr("tcp")});
  });
  return task;
}

// "" if every app of that state has its instances running and healthy.
std::string Unsettled(JsonView state, JsonView deployments) {
  std::string missing;
  if (deployments.size() > 0) {
    missing += std::to_string(deployments.size()) + " deployments run\n";
  }
  std::map<std::string, int64_t> good;
  state["tasks"].ForEach([&](JsonView view) {
    const SimTask task = ReadTask(view);
    if (task.life == "Running" && (!task.has_checks || task.healthy == true)) {
      ++good[task.app];
    } else {
      missing += task.task + " is " + task.life + (task.has_checks ? " and not yet healthy\n" : "\n");
    }
  });
  state["apps"].ForEach([&](JsonView app) {
    const std::string id = app["id"].StringOr("");
    if (good[id] != app["instances"].IntOr(0)) {
      missing += id + " has " + std::to_string(good[id]) + " good instances of " +
                 std::to_string(app["instances"].IntOr(0)) + "\n";
    }
  });
  return missing;
}

}  // namespace

Marathon::Marathon(const MarathonOptions& options) {
  std::vector<std::string> command = {std::string(BINARY_DIR) + "/marathon_sim",
                                      "--listen",
                                      "127.0.0.1:0",
                                      "--profile",
                                      options.profile,
                                      "--hosts",
                                      Join(options.hosts)};
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  process_ = Process::Start(command).value();
  constexpr std::string_view ready = "{\"listening\":\"";
  const absl::Status listening = process_->WaitForOutput(ready);
  if (!listening.ok()) {
    throw std::runtime_error("marathon_sim: " + Text(listening));
  }
  const std::string output = process_->Output();
  const size_t begin = output.find(ready) + ready.size();
  http_ = std::make_unique<Http>("http://" + output.substr(begin, output.find('"', begin) - begin),
                                 options.headers);
}

Marathon::~Marathon() { process_->Stop(); }

void Marathon::Order(std::string_view method, const std::string& target, std::string_view body) {
  HttpResponse answer;
  const bool taken = WaitFor([&] {
    try {
      answer = http_->Call(method, target, std::string(body));
    } catch (const std::runtime_error& error) {
      answer = {};
      answer.body = error.what();
      return false;
    }
    return answer.status != 409 && answer.status != 502 && answer.status != 503;
  });
  if (!taken || answer.status / 100 != 2) {
    throw std::runtime_error(std::string(method) + " " + target + ": " + std::to_string(answer.status) + " " +
                             answer.body);
  }
}

void Marathon::Post(std::string_view app_json) { Order("POST", "/v2/apps", app_json); }

void Marathon::Put(std::string_view id, std::string_view change_json) {
  Order("PUT", "/v2/apps" + std::string(id), change_json);
}

void Marathon::Scale(std::string_view id, int instances) {
  Put(id, R"({"instances":)" + std::to_string(instances) + "}");
}

void Marathon::Restart(std::string_view id) { Order("POST", "/v2/apps" + std::string(id) + "/restart", ""); }

void Marathon::Delete(std::string_view id) { Order("DELETE", "/v2/apps" + std::string(id), ""); }

void Marathon::PostPod(std::string_view spec_json) { Order("POST", "/v2/pods", spec_json); }

void Marathon::PutPod(std::string_view id, std::string_view spec_json) {
  Order("PUT", "/v2/pods" + std::string(id), spec_json);
}

void Marathon::DeletePod(std::string_view id) { Order("DELETE", "/v2/pods" + std::string(id), ""); }

void Marathon::KillPodInstance(std::string_view id, std::string_view instance) {
  Order("DELETE", "/v2/pods" + std::string(id) + "::instances/" + std::string(instance), "");
}

void Marathon::WaitDeployed(std::chrono::milliseconds limit) {
  std::string missing;
  const bool deployed = WaitFor(
      [&] {
        try {
          const JsonDocument deployments = http_->GetJson("/v2/deployments");
          const JsonDocument state = http_->GetJson("/sim/state");
          missing = Unsettled(state.root(), deployments.root());
        } catch (const std::runtime_error& error) {
          missing = error.what();  // it is away, or without a leader
        }
        return missing.empty();
      },
      limit);
  if (!deployed) {
    throw std::runtime_error("Marathon has not carried out its orders:\n" + missing);
  }
}

std::vector<SimTask> Marathon::Tasks() {
  const JsonDocument state = http_->GetJson("/sim/state");
  std::vector<SimTask> tasks;
  state.root()["tasks"].ForEach([&](JsonView task) { tasks.push_back(ReadTask(task)); });
  return tasks;
}

std::vector<SimTask> Marathon::TasksOf(std::string_view app) {
  std::vector<SimTask> tasks = Tasks();
  std::erase_if(tasks, [&](const SimTask& task) { return task.app != app; });
  return tasks;
}

void Marathon::Control(std::string_view what, std::string_view body) {
  http_->Must("POST", "/sim/" + std::string(what), std::string(body));
}

void Marathon::OnTask(std::string_view task, std::string_view what) {
  Control(HttpPath("tasks", {task}) + "/" + std::string(what));
}

}  // namespace dispatcher::testing
