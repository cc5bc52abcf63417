// One service that is no app: what it looks like, and what has to be asked to know.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

enum class StaticKind : uint8_t {
  kTargets,         // its targets
  kMarathonLeader,  // what GET /v2/leader of Marathon names
  kMesosLeader,     // where /master/redirect of a Mesos master leads to
};

struct StaticSpec {
  std::string name;  // a DNS label
  StaticKind kind = StaticKind::kTargets;
  std::vector<std::string> targets;  // host:port, IPv6 in brackets; kMesosLeader: the masters
  std::vector<std::string> hosts;    // not empty
  std::vector<std::string> paths;
  bool strip_path = false;
  int service_port = 0;
  std::vector<std::string> adapters;  // names; none: all
  std::string health_path;            // "": nobody asks, every target counts as well
  Duration interval = std::chrono::seconds(5);
};

// Asked of the network; the answer goes to Probed or LeaderIs.
struct StaticQuestion {
  bool leader = false;  // who leads? Else: is `target` well?
  std::string target;
};

class StaticService {
 public:
  explicit StaticService(StaticSpec spec);

  const StaticSpec& spec() const { return spec_; }
  ServiceKey key() const;

  // What is to be asked now. Each is taken for asked until its answer comes.
  std::vector<StaticQuestion> Due(Mono now);
  std::optional<Mono> NextDeadline() const;

  // `answer`: OK if it is well, else what is wrong, in words.
  void Probed(const std::string& target, const absl::Status& answer, Mono now);
  // host:port; an error, or an address that is none, changes nothing.
  void LeaderIs(const absl::StatusOr<std::string>& leader, Mono now);

  // As of now; the very same object as long as nothing has changed.
  std::shared_ptr<const Service> Build() const { return built_; }

 private:
  struct Target {
    bool current = true;  // false: led once
    bool asked = false;
    Mono due{};        // of its next probe
    int failures = 0;  // in a row
    std::optional<bool> well;
    std::string reason;
    Mono since{};
  };

  bool Asks() const { return !spec_.health_path.empty(); }
  void Rebuild();

  const StaticSpec spec_;
  const std::shared_ptr<const Profile> profile_;
  std::map<std::string, Target> targets_;
  bool leader_asked_ = false;
  Mono leader_due_{};
  std::shared_ptr<const Service> built_;
};

// "//10.0.0.1:5050", "http://10.0.0.1:5050/" -> "10.0.0.1:5050"; the port defaults to
// 5050. Mesos 0.20-1.x, master/http.cpp, redirects without a scheme since 0.26.
absl::StatusOr<std::string> LeaderOfRedirect(std::string_view location);

}  // namespace dispatcher
