// One request to /v1/txn: all of its operations or none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/consul/api.h"
#include "dispatcher/base/json.h"

namespace dispatcher {

// Consul takes 64 operations (128 from 1.14 on) and 512 KiB, and closes without
// reading on more, so that a client may see a reset instead of the 413.
inline constexpr size_t kTxnOperations = 64;
inline constexpr size_t kTxnBytes = 400 * 1000;

// Operations, each the JSON text of one member of the array.
std::string NodeSet(std::string_view node, std::string_view address, std::string_view owner,
                    std::string_view datacenter);
std::string NodeDelete(std::string_view node);
std::string ServiceDelete(std::string_view node, std::string_view service_id);
// An instance that is not passing; `note` says why.
std::string CheckSet(std::string_view node, std::string_view service_id, std::string_view service_name,
                     std::string_view note);
std::string CheckDelete(std::string_view node, std::string_view service_id);
// Refuses the transaction unless the key is locked by the session. Needs key_prefix read.
std::string SessionCheck(std::string_view key, std::string_view session);
// The one check of ours on a service.
std::string CheckId(std::string_view service_id);

// What became of a transaction.
struct TxnOutcome {
  // OK: applied. Aborted: refused because of `errors`, nothing applied, all else
  // in it may be sent again. Any other code concerns the request as a whole.
  absl::Status status;
  struct Bad {
    size_t operation = 0;
    std::string what;
  };
  std::vector<Bad> errors;
  bool too_large = false;
  // The session check failed: `status` is Cancelled, or PermissionDenied if the token
  // may not read the key. Nothing was applied, and no change is to blame.
  bool lock_lost = false;
};

// `session_check` goes first, "" for none; it is not counted in Bad::operation.
TxnOutcome SendTxn(const ConsulApi& api, const std::string& session_check,
                   const std::vector<std::string>& operations, const Cancel& cancel);

}  // namespace dispatcher
