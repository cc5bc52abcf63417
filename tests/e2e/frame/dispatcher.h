// The dispatcher as a process of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/e2e/frame/http.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

// The series that counts complete reads of Marathon, for Metric.
constexpr std::string_view kSnapshots = "dispatcher_marathon_read_duration_seconds_count{kind=\"snapshot\"}";

// What /readyz said.
struct Readiness {
  int status = 0;
  std::string body;
  bool ok() const { return status == 200; }
  bool Mentions(std::string_view text) const { return body.find(text) != std::string::npos; }
};

// The last characters of a log, to standard error: for what went wrong.
void PrintEnd(std::string_view name, std::string_view log, size_t shown = 6000);

using Environment = std::vector<std::pair<std::string, std::string>>;

class Dispatcher {
 public:
  // `settings` are values of --set, `config` the path of a file, "" without; it listens
  // on a free port and logs all it does, to the file `log_to` instead of Log() if that is
  // not ""; `env` beside the test's own environment.
  explicit Dispatcher(const std::vector<std::string>& settings, const std::string& config = "",
                      const std::string& log_to = "", const Environment& env = {});

  const std::string& address() const { return listen_; }  // host:port
  // Status 0 while nobody answers.
  Readiness Ready();
  // Whether /readyz says that this is its part in the election: "leading", "standby" ...
  bool Is(std::string_view part) { return Ready().Mentions("\"state\":\"" + std::string(part) + "\""); }
  // The sum over all series whose text starts so: `name`, or `name{label="value"}`;
  // 0 if there is none, or nobody answers yet.
  double Metric(std::string_view series);
  // GET /v1/adapters; "" if nobody answers.
  std::string Adapters() { return Get("/v1/adapters").body; }
  // GET /v1/apps/{id}; "" for any answer but 200.
  std::string Explain(std::string_view app);
  // Any call, with that bearer token; status 0 while nobody answers.
  HttpResponse Call(std::string_view method, std::string_view target, const std::string& token = "");

  void Kill9() { process_->Kill(); }
  int Stop() { return process_->Stop(); }  // SIGTERM; the exit code
  void Signal(int signal) { process_->Signal(signal); }
  pid_t pid() const { return process_->pid(); }
  bool Running() { return process_->Running(); }
  std::string Log() const { return process_->Output(); }

 private:
  HttpResponse Get(std::string_view target);

  const std::string listen_;
  Http http_;
  std::unique_ptr<Process> process_;
};

}  // namespace dispatcher::testing
