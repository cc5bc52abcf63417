// What should be reachable: the catalog's output, the adapters' input.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/model/definition.h"
#include "dispatcher/model/ids.h"

namespace dispatcher {

// Three values on purpose: doubt neither creates nor deletes.
enum class Want : uint8_t {
  kYes,      // must be there
  kIfThere,  // keep and update what is there, create nothing
  kNo,       // must not be there
};

// Why something is not (or no longer) wanted.
enum class Why : uint8_t {
  kEvent,   // an event named it: terminal task, terminated app, an address taken over by another task
  kRead,    // a complete read in which its app runs all its instances without it
  kPolicy,  // our own settings or labels say so
  kAbsent,  // it is merely missing: the brake counts this one
};
inline bool Explained(Why why) { return why != Why::kAbsent; }

enum class Condition : uint8_t {
  kPassing,
  kUnknown,  // health not known (yet, or after a change of leader); never treated as failing
  kCritical,
  kDraining,  // leaving: being killed or held back from new traffic
};

// A ServiceKey's port where it stands for every port of an app that no service of
// its own is known for: an app being learned, or one that can't be decoded.
inline constexpr int kAnyPort = -1;

// One port of one app. Never the name: names are claims.
struct ServiceKey {
  SharedString app;
  int port = 0;  // index of the declaration, or kAnyPort; static services use 0
  auto operator<=>(const ServiceKey&) const = default;
};

// Services that are no apps have keys that no app can have: app ids begin with "/".
inline constexpr std::string_view kStaticPrefix = "static.";
inline bool IsStatic(const ServiceKey& key) { return key.app.starts_with(kStaticPrefix); }

// How one port of one version of an app wants to be published. Shared by the
// instances of that version; an old task keeps that of its own version.
struct Profile {
  std::vector<std::string> names;  // first is the name; more only from a `consul` label with commas
  std::vector<std::string> tags;
  std::vector<std::string> hosts;  // router hosts
  std::vector<std::string> paths;
  std::vector<std::string> adapters;  // empty: by each adapter's `expose`
  std::vector<CheckSpec> checks;      // those that concern this port; ports resolved per instance
  std::vector<std::string> problems;  // labels that were left out, each with its remedy
  SharedString port_name;
  SharedString refusal;  // not "": not published, and this is why
  bool off = false;      // ... because its owner wants it so: nothing is wrong
  int weight = 1;
  int service_port = 0;
  bool shared = false;  // several apps may stand under these names on purpose
  bool strip_path = false;
  bool http = false;  // only these go to routers and gateways
  bool udp = false;
  bool routed = true;     // false: labels keep it out of routers and gateways
  bool labelled = false;  // carries a label of ours or of a peer
  bool operator==(const Profile&) const = default;
};

struct Instance {
  SharedString task;
  SharedString address;  // IP or host name to connect to; never empty if want is kYes
  SharedString host;     // the agent's name, as Marathon says it
  SharedString version;  // of its definition
  uint16_t port = 0;
  Condition condition = Condition::kUnknown;
  Want want = Want::kYes;
  Why why = Why::kEvent;   // if want is kNo
  bool ended = false;      // kNo because its task has ended for good: no word brings that back
  bool hinted = false;     // draining on a hint alone: routers keep it while they would have too few
  SharedString reason;     // in words
  Mono since{};            // receipt of the fact that made it so; for latency
  std::vector<int> ports;  // all ports of the task in declared order, if there are checks by index
  std::shared_ptr<const Profile> profile;
};

struct Service {
  ServiceKey key;
  Want want = Want::kYes;                  // of its structure: kNo once the app is known to be gone
  Why why = Why::kEvent;                   // if want is kNo
  SharedString reason;                     // in words
  std::shared_ptr<const Profile> profile;  // of the current version; null while it is not known
  std::vector<std::shared_ptr<const Instance>>
      instances;               // sorted by task id; the dead ones for a while as kNo
  bool complete = false;       // false: a task not listed is not known to be absent; leave what is there
  Why missing = Why::kAbsent;  // if complete: what it means that a task is not listed above
  Mono since{};
};

}  // namespace dispatcher
