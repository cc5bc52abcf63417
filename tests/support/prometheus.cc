#include "tests/support/prometheus.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "tests/support/fetched.h"

namespace dispatcher::testing {
namespace {

absl::StatusOr<std::string> Binary() { return FetchedBinary("PROMETHEUS_BINARY", "fetch_prometheus.sh"); }

}  // namespace

absl::StatusOr<PromtoolAnswer> Promtool(const std::vector<std::string>& arguments, std::string_view input) {
  ASSIGN_OR_RETURN(const std::string prometheus, Binary());
  const TempDir home;
  std::ofstream(home.path() + "/input") << input;
  std::vector<std::string> command = {
      "/bin/sh", "-c",        R"(files=$1; shift; "$@" <"$files/input" >"$files/output" 2>&1)",
      "sh",      home.path(), prometheus.substr(0, prometheus.rfind('/') + 1) + "promtool"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ASSIGN_OR_RETURN(const std::unique_ptr<Process> process, Process::Start(command));
  const std::optional<int> code = process->Wait(std::chrono::seconds(60));
  if (!code) {
    return Error(absl::StatusCode::kDeadlineExceeded, "promtool does not end");
  }
  std::stringstream output;
  output << std::ifstream(home.path() + "/output").rdbuf();
  return PromtoolAnswer{*code, output.str()};
}

absl::StatusOr<std::unique_ptr<Prometheus>> Prometheus::Start(const std::string& config) {
  ASSIGN_OR_RETURN(const std::string binary, Binary());
  std::unique_ptr<Prometheus> prometheus(new Prometheus);
  const std::string& home = prometheus->home_.path();
  std::ofstream(home + "/prometheus.yml") << config;
  ASSIGN_OR_RETURN(prometheus->process_, Process::Start({binary, "--config.file=" + home + "/prometheus.yml",
                                                         "--storage.tsdb.path=" + home + "/data",
                                                         "--web.listen-address=127.0.0.1:0"}));
  RETURN_IF_ERROR(prometheus->process_->WaitForOutput("Server is ready to receive web requests"));
  constexpr std::string_view listening = "msg=\"Listening on\" address=";
  RETURN_IF_ERROR(prometheus->process_->WaitForOutput(listening));
  const std::string log = prometheus->Log();
  const size_t begin = log.find(listening) + listening.size();
  prometheus->url_ = "http://" + log.substr(begin, log.find_first_of(" \n", begin) - begin);
  return prometheus;
}

}  // namespace dispatcher::testing
