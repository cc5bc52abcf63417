// The stand-in Marathon as a process, with the calls of an operator and the control
// that only a stand-in has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/frame/http.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

struct SimEndpoint {
  int index = 0;
  std::string name;
  std::string address;
  int port = 0;
  std::string protocol;
};

// A task that is alive in the world, by GET /sim/state.
struct SimTask {
  std::string app;
  std::string task;
  std::string life;  // Running, Staging, Killing, Unreachable ...
  std::string host;
  std::string version;
  std::optional<bool> healthy;
  bool has_checks = false;
  std::vector<SimEndpoint> endpoints;
};

struct MarathonOptions {
  std::string profile = "1.8";
  std::vector<std::string> hosts = {"127.0.1.1", "127.0.1.2"};
  std::vector<std::string> arguments;  // further ones of marathon_sim
  HttpHeaders headers;                 // credentials for the operator's calls
};

class Marathon {
 public:
  explicit Marathon(const MarathonOptions& options);
  ~Marathon();  // takes its tasks' processes along

  const std::string& url() const { return http_->url(); }
  Http& http() { return *http_; }

  // An operator's calls. They return when Marathon has taken the order, not when it
  // is carried out. A 409 (a deployment still runs), a 502 or 503 (no leader yet), and
  // no answer at all are tried again for a while.
  void Post(std::string_view app_json);
  void Put(std::string_view id, std::string_view change_json);
  void Scale(std::string_view id, int instances);
  void Restart(std::string_view id);
  void Delete(std::string_view id);
  void PostPod(std::string_view spec_json);
  void PutPod(std::string_view id, std::string_view spec_json);
  void DeletePod(std::string_view id);
  // An instance is the task of that name in TasksOf.
  void KillPodInstance(std::string_view id, std::string_view instance);

  // Until no deployment runs and every app has its instances running and healthy as
  // far as they have checks. Throws after `limit`, with what is still missing.
  void WaitDeployed(std::chrono::milliseconds limit = std::chrono::seconds(30));

  std::vector<SimTask> Tasks();
  std::vector<SimTask> TasksOf(std::string_view app);

  // Control: POST /sim/<what>.
  void Control(std::string_view what, std::string_view body = "{}");
  void OnTask(std::string_view task, std::string_view what);
  void Faults(std::string_view faults_json) { Control("faults", faults_json); }

  std::string Log() const { return process_->Output(); }

 private:
  void Order(std::string_view method, const std::string& target, std::string_view body);

  std::unique_ptr<Process> process_;
  std::unique_ptr<Http> http_;
};

}  // namespace dispatcher::testing
