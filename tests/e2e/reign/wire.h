// The network between one dispatcher and one registry: it sees every write, and can be cut.
#pragma once

#include <string>

#include "dispatcher/base/mutex.h"
#include "tests/e2e/reign/record.h"
#include "tests/support/counting_proxy.h"

namespace dispatcher::testing {

struct WireOptions {
  size_t who = 0;        // the dispatcher
  std::string registry;  // the name of its adapter
  std::string upstream;  // http://127.0.0.1:8500
  std::string lock_key;  // "": no lock lies there
};

class Wire {
 public:
  // `record` outlives this.
  Wire(WireOptions options, Record& record);
  ~Wire();  // heals it
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  const WireOptions& options() const { return options_; }
  std::string url() const { return proxy_.url(); }

  // While it is cut, nothing that is asked for comes to an answer. A write is handed on when
  // the cut ends, however late; a read is not. The lock's part and the registry's are cut apart.
  void CutLock(bool cut);
  void CutRegistry(bool cut);
  // Every call of the registry's part waits for so long before it is handed on.
  void Slow(Duration by);
  // Writes that have come and are not recorded yet.
  int Pending() const;

 private:
  HttpReply Take(const HttpCall& call, const CountingProxy::Passing& pass);
  HttpReply PassRead(const HttpCall& call, bool of_lock, const CountingProxy::Passing& pass);
  HttpReply TakeLockCall(const HttpCall& call, const CountingProxy::Passing& pass);
  HttpReply TakeWrite(const HttpCall& call, const CountingProxy::Passing& pass);
  HttpReply TakeRead(const HttpCall& call, bool of_lock, const CountingProxy::Passing& pass);
  // Until it is not cut, or `until`; true if it is not.
  bool WaitWhole(bool of_lock, Mono until);
  void WaitOut();  // what is slow

  const WireOptions options_;
  Record& record_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool lock_cut_ ABSL_GUARDED_BY(mutex_) = false;
  bool registry_cut_ ABSL_GUARDED_BY(mutex_) = false;
  Duration slow_by_ ABSL_GUARDED_BY(mutex_){};
  int pending_ ABSL_GUARDED_BY(mutex_) = 0;
  CountingProxy proxy_;  // last: its threads use all of the above
};

}  // namespace dispatcher::testing
