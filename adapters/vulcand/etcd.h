// etcd's v3 JSON gateway (3.4 and later) as far as Vulcand's keys need it: ranges and
// transactions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

// What etcd takes in one transaction is 128 and can be set; more than this is no faster.
inline constexpr size_t kEtcdTxnOperations = 64;

struct EtcdOperation {
  bool put = false;  // else: delete exactly this key
  std::string key, value;
  std::string needs;  // not "": a key without which the transaction must not go through
};

// Any thread.
class EtcdGateway {
 public:
  explicit EtcdGateway(HttpClientOptions http) : client_(std::move(http)) {}

  // Every key that begins with `prefix`, as of one revision.
  absl::StatusOr<std::map<std::string, std::string>> Range(const std::string& prefix, const Cancel& cancel);

  // All or none of at most kEtcdTxnOperations, no key twice. Returns the needed keys
  // that are missing: empty if it went through, else nothing was done.
  absl::StatusOr<std::vector<std::string>> Txn(const std::vector<EtcdOperation>& operations,
                                               const Cancel& cancel);

  // What an answer means, by adapter.h's codes.
  static absl::Status StatusOf(const HttpResponse& response);

 private:
  absl::StatusOr<JsonDocument> Call(const std::string& path, std::string body, const Cancel& cancel);

  HttpClient client_;
};

}  // namespace dispatcher
