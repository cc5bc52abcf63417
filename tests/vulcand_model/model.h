// A stand-in for Vulcand: its API as recordings of 0.9.2 and of 2018 show it and as
// 0.8.0-beta.3 was measured, on etcd v2 or v3, and a proxy that really forwards. See
// README.md for what it leaves out.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/vulcand_model/faults.h"
#include "tests/vulcand_model/mux.h"

namespace dispatcher::testing {

struct VulcandModelOptions {
  VulcandVersion version = VulcandVersion::k092;
  int etcd_version = 3;  // beta.3 knows 2 alone
  std::string host = "127.0.0.1";
  int api_port = 0, proxy_port = 0;  // 0: any free one
};

class VulcandModel {
 public:
  static absl::StatusOr<std::unique_ptr<VulcandModel>> Start(VulcandModelOptions options);
  ~VulcandModel();

  std::string url() const { return Url(api_); }
  std::string proxy_url() const { return Url(proxy_); }

  void SetFaults(const VulcandFaults& faults);
  // etcd comes back empty: nothing is stored and nothing is served.
  void LoseData();
  // The proxy begins anew with what is stored.
  void Restart();

  // As a request to the API, without a socket.
  HttpReply Call(const std::string& method, const std::string& path, const std::string& body);
  // Requests that changed, or would have changed, something, since the start.
  int writes() const;
  // Blocks until the proxy has taken up all that is stored.
  void Settle();

 private:
  struct Pending {
    Mono due;
    std::string kind, parent, id, json;
  };
  struct Socket {
    std::string address;
    std::unique_ptr<HttpServer> server;
  };

  explicit VulcandModel(VulcandModelOptions options);
  std::string Url(const HttpServer& server) const;

  // ---- the API (api.cc)
  HttpReply Answer(const HttpCall& call);
  HttpReply Read(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply Write(const HttpCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply Post(const std::string& collection, const std::string& parent, const std::string& body)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply Delete(const std::string& key, const std::string& what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  HttpReply NotFound(const std::string& key) const;
  HttpReply Refused(const absl::Status& status) const;
  HttpReply Admin(const HttpCall& call);
  std::string List(const std::string& prefix, const std::string& suffix, bool null_if_empty) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- store and proxy (model.cc)
  void Store(const std::string& key, const std::string& json) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The key and all below it; with etcd v3 every key that begins with it.
  void Erase(const std::string& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(const std::string& key, const std::string& json) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeUp();  // on a thread of its own: what is due
  void Rebuild() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Opens and closes sockets until they are the mux's listeners.
  void OpenSockets();
  HttpReply Forward(const std::string& listener, const HttpCall& call);

  const VulcandModelOptions options_;
  mutable Mutex mutex_;
  Mutex sockets_mutex_;  // taken before mutex_; no handler of a request takes it
  CondVar changed_;
  std::map<std::string, std::string> keys_ ABSL_GUARDED_BY(mutex_);  // as in etcd, below the root
  Mux mux_ ABSL_GUARDED_BY(mutex_);
  VulcandFaults faults_ ABSL_GUARDED_BY(mutex_);
  std::deque<Pending> pending_ ABSL_GUARDED_BY(mutex_);
  bool taking_up_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::mt19937 chance_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<HttpClient>> clients_ ABSL_GUARDED_BY(mutex_);  // by URL
  std::map<std::string, Socket> sockets_ ABSL_GUARDED_BY(sockets_mutex_);
  HttpServer api_, proxy_;
  std::thread taker_;
};

}  // namespace dispatcher::testing
