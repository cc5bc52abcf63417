#include "tests/bench/subject.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "dispatcher/base/strings.h"
#include "tests/bench/catalog.h"

namespace dispatcher::bench {

Subject::Subject(const std::string& marathon_url, const std::string& consul_url)
    : port_(testing::FreePort()), begun_(MonoClock::now()) {
  const std::string binary = std::string(BINARY_DIR) + "/dispatcher";
  process_ = testing::Process::Start({binary, "run", "--set", "marathon.urls=" + marathon_url, "--set",
                                      "adapters.consul.url=" + consul_url, "--set",
                                      "http.listen=127.0.0.1:" + std::to_string(port_), "--set",
                                      "log.level=warning"})
                 .value();
}

double Subject::PeakMegabytes() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::strtod(line.c_str() + sizeof("VmHWM:"), nullptr) / 1024;
    }
  }
  return 0;
}

double Subject::CpuSeconds() const {
  std::ifstream file("/proc/" + std::to_string(pid()) + "/stat");
  std::string text;
  std::getline(file, text);
  // Fields 14 and 15; the second is in brackets and may hold blanks.
  const std::vector<std::string_view> fields = Split(std::string_view(text).substr(text.rfind(')') + 1), ' ');
  const int64_t ticks = fields.size() < 14 ? 0 : *ParseInt(fields[12]) + *ParseInt(fields[13]);
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string Subject::Metrics() const {
  HttpClient client(HttpOptions("http://127.0.0.1:" + std::to_string(port_)));
  HttpRequest request;
  request.target = "/metrics";
  const auto answer = client.Call(request, Cancel());
  return answer.ok() ? answer->body : "";
}

}  // namespace dispatcher::bench
