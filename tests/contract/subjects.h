// The registries that the contract is tried on, each behind the same switches.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/consul/consul.h"
#include "tests/support/consul_server.h"
#include "tests/support/etcd_server.h"

namespace dispatcher::testing {

// One registry with adapters on it.
class Subject {
 public:
  virtual ~Subject() = default;

  // An adapter as a fresh process would have it; it remembers nothing.
  virtual std::unique_ptr<Adapter> Make(const std::string& owner) = 0;
  // Hosts that tasks can run on here.
  virtual std::vector<std::string> hosts() const { return {"10.0.0.1", "10.0.0.2"}; }
  // Something of somebody else's, as near to the entries of `owner` as can be: made
  // after they are there. Then: whether it is there still.
  virtual void PutForeign(const std::string& owner) = 0;
  virtual bool HasForeign(const std::string& owner) = 0;

  // False: it belongs to one owner as a whole.
  virtual bool shared() const { return true; }

  // Faults. Empty: this one can't.
  std::function<void()> lose_data;
  std::function<void()> fail_next_write;   // answers Unavailable, applies nothing
  std::function<void()> lose_next_answer;  // applied all the same
  std::vector<std::function<void()>> break_next_read;
  std::function<void(bool)> deny;  // the token's rights
  std::function<void(bool)> hold;  // writes don't come back
  std::function<void(const std::string&, bool)> kill_host;
};

// Names and makers of all of them. A subject that can't be had here is null, and
// `why` says why: the case is to be skipped with a warning.
struct SubjectMaker {
  std::string name;
  std::function<std::unique_ptr<Subject>(std::string& why)> make;
};
const std::vector<SubjectMaker>& Subjects();
// Of them, those of one adapter, where it has a file of its own for them.
std::vector<SubjectMaker> VulcandSubjects();
std::vector<SubjectMaker> EtcdSubjects();  // Vulcand's, with no Vulcand beside them
// Started on first use, shared by the whole program; null with the reason in `why`.
EtcdServer* SharedEtcd(std::string& why);
std::vector<SubjectMaker> KongSubjects();

// A real server of 127.0.0.1 with a client agent on 127.0.0.2, both with their API
// at the same port, and one with ACLs. Started on first use, shared by the whole
// program; null with the reason in `why`.
struct RealConsul {
  std::unique_ptr<ConsulServer> server, agent, guarded;
};
RealConsul* SharedConsul(std::string& why);
ConsulOptions RealOptions(const RealConsul& real, const std::string& owner, const std::string& mode);

// An owner that no other case has.
std::string FreshOwner();

// ---- services, and what a reconciler does with an adapter
struct TaskSpec {
  std::string task, host;
  uint16_t port = 31000;
  Condition condition = Condition::kPassing;
};
// An HTTP service with a label, a host and a port of its own, unless `profile` says else.
Service MakeService(const std::string& app, const std::vector<TaskSpec>& tasks, Profile profile = {});

using Entries = std::map<EntryId, Entry>;
// Everything that a service should be in the registry.
Entries Rendered(const Adapter& adapter, const Service& service);
std::vector<Change> Puts(const Entries& entries);
std::vector<Change> Deletes(const Entries& entries);
// In the order of `changes`.
std::vector<absl::Status> WriteAll(Adapter& adapter, const std::vector<Change>& changes,
                                   Duration permit = std::chrono::seconds(30));
absl::StatusOr<Entries> ReadAll(Adapter& adapter);
// Ids that are missing, too many or different, one a line: "" if a second run has
// nothing to write. Waits a little for what reaches the catalog late.
std::string Difference(Adapter& adapter, const Entries& wanted);

bool AllOk(const std::vector<absl::Status>& results);
// What failed, in words; "" where nothing did.
std::string ErrorOf(const std::vector<absl::Status>& results);

}  // namespace dispatcher::testing
