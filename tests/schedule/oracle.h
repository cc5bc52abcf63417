// Says what must never be, from what was said alone: it knows nothing of how the
// catalog works.
//
//   no invention      an address is wanted only if an event or a read named it for
//                     that very task, and the task was said to run
//   no resurrection   a task whose end was told is not wanted, unless a read lists it
//                     as staged after that end, or did so before; one that was given up
//                     only if a read that began later listed it as running
//   no delete on doubt  a task that runs, as of the latest moment anything is known
//                     of, is not unwanted; a read that broke off unwants nothing
//   explained         what is unwanted by an event or a read was named by one
//   proof of death    no address is wanted for two tasks
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/catalog/catalog.h"
#include "tests/schedule/answers.h"

namespace dispatcher::schedule {

class Oracle {
 public:
  // Before the catalog is given it.
  void Hear(const Observation& what, uint64_t seq);
  // After that: "" or what is wrong with what it builds now.
  std::string Judge(const Observation& what, const Catalog& catalog, const Answers& now);
  // All that it remembers.
  void List(Inventory& to) const;

 private:
  struct Told {
    std::set<std::string> addresses;  // "ip:port", and bare addresses of the task's own
    bool running = false;
    bool ended = false;      // by a word that no event takes back
    WallMs ended_at = 0;     // ... stamped so
    WallMs staged_at = 0;    // of the latest run that a read listed
    bool explained = false;  // its end, its kill, its app's end, or its agent's loss was named
    bool contested = false;  // its app had ended before it was heard of, or another task
                             // was named at one of its addresses
    uint64_t given_up = 0;   // LOST or UNREACHABLE was told then, and nothing since took it back
    WallMs given_up_at = 0;  // ... stamped so
    bool left_out = false;   // a whole answer listed all instances of its app without it
  };
  void HearTask(const AppId& app, const TaskId& task, Life life);
  void HearPlace(const TaskId& task, const std::string& host, const std::vector<int>& ports,
                 const std::vector<std::string>& ips);
  void HearInstance(const AppId& app, const InstanceId& instance, Life life);
  void HearSeen(const AppSeen& seen);
  void HearApp(const AppId& app);  // it ends, or is stopped
  std::string JudgeInstance(const Instance& instance, const Answers& now) const;

  std::map<TaskId, Told> tasks_;
  std::map<AppId, std::set<TaskId>> apps_;
  std::set<AppId> ended_apps_;
  std::set<InstanceId> ended_instances_;
  std::set<TaskId> unwanted_;  // as of the last Judge
};

// What an agent's name resolves to: "agent2" to 10.0.0.2, an address to itself.
std::string AddressOf(const std::string& host);

}  // namespace dispatcher::schedule
