#include "tests/e2e/frame/endpoints.h"

namespace dispatcher::testing {
namespace {

std::string Line(const Endpoint& endpoint, std::string_view status) {
  return endpoint.service + " " + endpoint.address + ":" + std::to_string(endpoint.port) + " " +
         (status.empty() ? "any status" : std::string(status)) + "\n";
}

}  // namespace

std::string Difference(const Endpoints& expected, const Endpoints& actual) {
  std::string lines;
  for (const auto& [endpoint, status] : expected) {
    const auto found = actual.find(endpoint);
    if (found == actual.end()) {
      lines += "missing:  " + Line(endpoint, status);
    } else if (!status.empty() && found->second != status) {
      lines += "wrong:    " + Line(endpoint, found->second) + "      it should be: " + status + "\n";
    }
  }
  for (const auto& [endpoint, status] : actual) {
    if (!expected.contains(endpoint)) {
      lines += "too much: " + Line(endpoint, status);
    }
  }
  return lines;
}

std::string Show(const Endpoints& endpoints) {
  std::string lines;
  for (const auto& [endpoint, status] : endpoints) {
    lines += Line(endpoint, status);
  }
  return lines.empty() ? "nothing\n" : lines;
}

std::string DefaultName(std::string_view app, int index, std::string_view port_name,
                        std::string_view protocol) {
  std::string name;
  for (const char c : app.substr(1)) {
    name += c == '/' ? '-' : c;
  }
  if (index > 0) {
    const bool named = !port_name.empty() && port_name != "default";
    name += "-" + (named ? std::string(port_name) : "port" + std::to_string(index));
  }
  return protocol == "udp" ? name + "-udp" : name;
}

}  // namespace dispatcher::testing
