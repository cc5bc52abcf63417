// A Kong to test against: answers its Admin API as the real ones did when they were
// recorded, and proxies requests. README.md tells which versions and how far.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>

#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/server.h"
#include "tests/kong_model/faults.h"
#include "tests/kong_model/proxy.h"
#include "tests/kong_model/state.h"

namespace dispatcher::kong_model {

struct Options {
  std::string version = "3.9.3";  // 0.8.3, 0.10.4, 0.14.1, 2.8.5, 3.9.3 or what lies between
  bool dbless = false;
  std::string token;               // asked for as Kong-Admin-Token; "": none
  std::string workspace;           // paths begin with it
  std::string host = "127.0.0.1";  // an address to listen at
  int admin_port = 0, proxy_port = 0;
};

class KongModel {
 public:
  static absl::StatusOr<std::unique_ptr<KongModel>> Start(const Options& options);
  ~KongModel();
  KongModel(const KongModel&) = delete;
  KongModel& operator=(const KongModel&) = delete;

  std::string admin_url() const;  // http://host:port
  std::string proxy_url() const;

  void SetFaults(const Faults& faults);
  void LoseData();

  // What was asked since the start or the last Reset: writes by "METHOD path".
  std::map<std::string, int> Writes() const;
  int reads() const;
  void Reset();
  // A header that the last request carried, "" without.
  std::string LastHeader(const std::string& name) const;

  // Nobody listens on either port for that long, then all goes on as before (without
  // a database: with nothing). Not from a handler.
  absl::Status Restart(Duration down);

  // As if Kong had been replaced: everything is gone.
  void Become(const std::string& version, bool dbless);

 private:
  KongModel(const Options& options, const KongVersion& version);
  absl::Status Listen(int admin_port, int proxy_port);
  HttpReply Admin(const HttpCall& call);
  HttpReply Answer(const HttpCall& call);
  HttpReply Sim(const HttpCall& call);

  const Options options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::unique_ptr<State> state_ ABSL_GUARDED_BY(mutex_);
  Faults faults_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> writes_ ABSL_GUARDED_BY(mutex_);
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
  std::mt19937 chance_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  HttpHeaders last_ ABSL_GUARDED_BY(mutex_);
  Proxy proxy_;
  std::unique_ptr<HttpServer> admin_server_, proxy_server_;  // last: their threads use all of the above
};

}  // namespace dispatcher::kong_model
