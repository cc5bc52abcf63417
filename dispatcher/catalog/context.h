// What one step shares with every app it touches: when it is, where in the inbox,
// and where the effects go.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_map.h"
#include "dispatcher/base/string_pool.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/catalog/facts.h"
#include "dispatcher/catalog/graves.h"

namespace dispatcher {

// Who runs at which of the agents' ports. Mesos gives a host port to one task at a
// time, so a second claim proves that the first task is dead, whatever was lost.
class AddressBook {
 public:
  struct Holder {
    SharedString app;
    SharedString task;
    WallMs running_at = 0;
  };
  // `claimant` runs at `address`. Returns the one of the two that must be dead:
  // the one that began to run earlier; null where there is no conflict.
  const Holder* Claim(const Endpoint& endpoint, Holder claimant);
  void Release(const Endpoint& endpoint, std::string_view task);
  void List(Inventory& to) const;

 private:
  absl::btree_map<std::pair<SharedString, uint16_t>, Holder> holders_;  // half a hash table's memory
  Holder loser_;
};

// Agents' names and what they resolve to.
struct Hosts {
  std::map<std::string, SharedString, std::less<>>
      ip;  // "" = asked, no answer yet; the name itself if it can't be resolved
};

struct Context {
  const CatalogPolicy& policy;
  AddressBook& addresses;
  Hosts& hosts;
  StringPool& strings;
  Graves& graves;
  Effects& effects;
  std::set<ServiceKey>& dirty;
  std::set<std::pair<AppId, TaskId>>& displaced;  // to be judged by whoever owns them
  std::set<std::pair<std::string, AppId>>& waiting_for_host;
  uint64_t seq = 0;
  uint32_t generation = 0;
  Mono received{};
  Mono now{};
  bool from_event = false;  // else from a read or from time passing
  bool goals_told = false;  // this Marathon tells a changed goal by a repeated Running

  Place::Ips Shared(const std::vector<std::string>& ips) const {
    Place::Ips shared;
    for (const std::string& ip : ips) {
      shared.push_back(strings.Get(ip));
    }
    return shared;
  }
  void Say(NoteKind kind, const AppId& app, const TaskId& task, std::string text) {
    effects.notes.push_back({kind, app, task, std::move(text)});
  }
};

}  // namespace dispatcher
