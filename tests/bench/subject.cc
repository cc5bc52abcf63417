#include "tests/bench/subject.h"

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <utility>

#include "tests/bench/catalog.h"
#include "tests/support/series.h"

namespace dispatcher::bench {

Subject::Subject(const std::vector<std::string>& settings)
    : port_(testing::FreePort()), begun_(MonoClock::now()) {
  std::vector<std::string> command = {
      std::string(BINARY_DIR) + "/dispatcher",          "run",   "--set",
      "http.listen=127.0.0.1:" + std::to_string(port_), "--set", "log.level=warning"};
  for (const std::string& setting : settings) {
    command.insert(command.end(), {"--set", setting});
  }
  process_ = testing::Process::Start(command).value();
}

double Subject::StatusMegabytes(std::string_view field) const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) {
      return std::strtod(line.c_str() + field.size(), nullptr) / 1024;
    }
  }
  return 0;
}

double Subject::PeakMegabytes() const { return StatusMegabytes("VmHWM:"); }
double Subject::ResidentMegabytes() const { return StatusMegabytes("VmRSS:"); }

double Subject::CpuSeconds() const {
  clockid_t clock = 0;
  timespec used{};
  if (clock_getcpuclockid(pid(), &clock) != 0 || clock_gettime(clock, &used) != 0) {
    return 0;
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

std::string Subject::Get(const std::string& path) const {
  HttpClient client(HttpOptions("http://127.0.0.1:" + std::to_string(port_)));
  HttpRequest request;
  request.target = path;
  auto answer = client.Call(request, Cancel());
  return answer.ok() ? std::move(answer->body) : "";
}

std::string Subject::Metrics() const { return Get("/metrics"); }

double Subject::Metric(std::string_view series) const { return testing::SumOfSeries(Metrics(), series); }

void Subject::Stop() { process_->Signal(SIGTERM); }

}  // namespace dispatcher::bench
