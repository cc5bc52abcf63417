// A small Consul that can be made to fail: catalog, transactions and agents as
// 1.8.7 answers, in memory, at once (its anti-entropy has no delay).
//
// One server plays all agents: the agent of host h is at <url>/agent/h, as node
// "node-h".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/server.h"

namespace dispatcher::testing {

class FakeConsul {
 public:
  FakeConsul();
  ~FakeConsul();

  std::string url() const;
  std::string agent_url() const { return url() + "/agent/{host}"; }

  // Switches; a count says for how many calls.
  void FailReads(int calls, int status, std::string body);
  void CutReads(int calls);  // half of the body
  void FailWrites(int calls, int status, std::string body);
  void LoseAnswers(int calls);                   // applied, but answered 500
  void Hold(bool hold);                          // writes don't return
  void SetDenied(std::set<std::string> tokens);  // lists are empty, writes refused
  void DenyNodes(std::string prefix);            // writes on such nodes, in transactions too; "" ends it
  void KillAgent(const std::string& host, bool dead);  // answers 503; serfHealth turns critical
  void MoveAgent(const std::string& host);             // to another datacenter, dc2
  void LoseData();
  void SetMaxOperations(size_t limit);  // of a transaction; 64

  // Other hands.
  void PutService(const std::string& node, const std::string& id, const std::string& name,
                  const std::string& meta_json = "{}");
  void PutNodeMeta(const std::string& node, std::map<std::string, std::string> meta);
  bool HasService(const std::string& node, const std::string& id) const;
  bool HasNode(const std::string& node) const;

  int writes() const;        // requests that change something, since the start
  int transactions() const;  // of these, to /v1/txn

 private:
  struct Service {
    std::string name, address, tags = "[]", meta = "{}";
    int64_t port = 0, passing = 1, warning = 1;
  };
  struct Check {
    std::string name, status, notes, service;
  };
  struct Node {
    std::string name, address;
    std::map<std::string, std::string> meta;
    std::map<std::string, Service> services;
    std::map<std::string, Check> checks;
  };
  using Nodes = std::map<std::string, Node>;  // by lower-case name

  HttpReply Answer(const HttpCall& call);
  HttpReply Read(const HttpCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply Write(const HttpCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply Transaction(const HttpCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply Agent(const HttpCall& call, const std::string& host, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // "" or the error of the operation, which is then not applied.
  std::string Apply(JsonView operation, Nodes& nodes) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Node& AgentNode(const std::string& host) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Denied(const HttpCall& call) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Reset() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void WriteNode(JsonWriter& json, const Node& node);
  static void WriteChecks(JsonWriter& json, const Node& node);
  static Service ParseService(JsonView service, std::string_view name_key);

  mutable Mutex mutex_;
  CondVar changed_;
  Nodes nodes_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> denied_tokens_ ABSL_GUARDED_BY(mutex_), dead_agents_ ABSL_GUARDED_BY(mutex_),
      moved_agents_ ABSL_GUARDED_BY(mutex_);
  std::string denied_nodes_ ABSL_GUARDED_BY(mutex_);
  int failing_reads_ ABSL_GUARDED_BY(mutex_) = 0, cut_reads_ ABSL_GUARDED_BY(mutex_) = 0;
  int failing_writes_ ABSL_GUARDED_BY(mutex_) = 0, lost_answers_ ABSL_GUARDED_BY(mutex_) = 0;
  HttpReply read_failure_ ABSL_GUARDED_BY(mutex_), write_failure_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  size_t max_operations_ ABSL_GUARDED_BY(mutex_) = 64;
  int writes_ ABSL_GUARDED_BY(mutex_) = 0, transactions_ ABSL_GUARDED_BY(mutex_) = 0;
  HttpServer server_;  // last: its threads use all of the above
};

}  // namespace dispatcher::testing
