// What somebody wanted to run: one version of an app or pod, in one form whatever
// Marathon's version (marathon/codec/app.h decodes it).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/model/ids.h"

namespace dispatcher {

enum class NetworkMode : uint8_t {
  kHost,       // agent's address, ports from portDefinitions / ports
  kBridge,     // agent's address, host ports from port mappings
  kContainer,  // task's own address where a mapping has no host port
};

// One declared port, in the order of the declaration.
struct PortSpec {
  int container_port = 0;        // mappings, discovery ports, pod endpoints; 0 = equal to the host port
  std::optional<int> host_port;  // not set: no host port is allocated (container mode only)
  int service_port = 0;
  SharedString name;             // "" = unnamed
  std::string protocol = "tcp";  // tcp, udp, "udp,tcp"
  SharedString container;        // pods: the container whose endpoint it is
  std::map<std::string, std::string> labels;
  bool operator==(const PortSpec&) const = default;
};

enum class CheckProtocol : uint8_t {
  kHttp,
  kHttps,
  kTcp,
  kCommand,
  kMesosHttp,
  kMesosHttps,
  kMesosTcp,
  kOther
};

struct CheckSpec {
  CheckProtocol protocol = CheckProtocol::kHttp;
  std::string path;
  std::optional<int> port_index;
  std::optional<int> port;  // wins over port_index; on the instance's own address
  SharedString command;
  int grace_seconds = 300;
  int interval_seconds = 60;
  int timeout_seconds = 20;
  int max_failures = 3;
  SharedString container;  // pods: the container that it checks
  bool operator==(const CheckSpec&) const = default;
};

struct Definition {
  SharedString id;
  SharedString version;  // Marathon's stamp, compared as text for equality
  WallMs version_at = 0;
  WallMs config_changed_at = 0;  // versionInfo.lastConfigChangeAt, or version_at
  bool is_pod = false;
  int instances = 0;
  NetworkMode network = NetworkMode::kHost;
  bool has_mappings = false;  // ports come from container port mappings
  bool ip_per_task = false;   // <= 1.4: ipAddress.discovery.ports on the task's address
  bool require_ports = false;
  std::vector<PortSpec> ports;
  std::vector<CheckSpec> checks;
  bool has_readiness_checks = false;
  std::map<std::string, std::string> labels;  // those that labels.h keeps
  std::map<std::string, std::string> env;     // SERVICE_* only: nothing else may be kept, it may be a secret
  bool operator==(const Definition&) const = default;
};

}  // namespace dispatcher
