#include "dispatcher/catalog/names.h"

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr size_t kMaxLabel = 63;
constexpr int kHashDigits = 8;

bool IsAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string DnsLabel(std::string_view text) {
  std::string label;
  for (const char c : Lower(text)) {
    if (IsAlnum(c)) {
      label.push_back(c);
    } else if (!label.empty() && label.back() != '-') {
      label.push_back('-');
    }
  }
  while (!label.empty() && label.back() == '-') {
    label.pop_back();
  }
  if (label.size() > kMaxLabel) {
    label.resize(kMaxLabel - kHashDigits - 1);
    label.append("-").append(Hex(Fnv1a(text), kHashDigits));
  }
  return label;
}

std::string ServiceName(std::string_view app_or_base, int port_index, const PortSpec& port) {
  std::string name(app_or_base);
  if (port_index > 0) {
    const bool unnamed = port.name.empty() || port.name == "default";
    name.append("-").append(unnamed ? "port" + std::to_string(port_index) : std::string(port.name));
  }
  if (port.protocol == "udp") {
    name.append("-udp");
  }
  return DnsLabel(name);
}

}  // namespace dispatcher
