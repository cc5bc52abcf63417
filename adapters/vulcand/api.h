// Vulcand's HTTP API /v2 and what its answers mean.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

// Any thread.
class VulcandApi {
 public:
  explicit VulcandApi(HttpClientOptions http) : client_(std::move(http)) {}

  // Each object of a list, which is under `key` and may be null (0.9.1 and later, with
  // etcd v3, for an empty one). Unavailable if the answer is no such list.
  absl::Status List(const std::string& path, std::string_view key, const Cancel& cancel,
                    absl::FunctionRef<void(JsonView)> visit);
  // OK if it is there, else NotFound, or what is wrong.
  absl::Status Has(const std::string& path, const Cancel& cancel);
  // Creates or replaces. NotFound if the parent is missing.
  absl::Status Post(const std::string& path, std::string body, const Cancel& cancel);
  // OK also if it was not there: 404 with etcd v2, 200 with v3.
  absl::Status Delete(const std::string& path, const Cancel& cancel);

  // What an answer means. Neither 400 nor 500 says whose fault it is: 0.8.0-beta.3
  // answers 400 when etcd is down, later ones 500 to bad input. The text decides:
  //   Unavailable      etcd is down: asking on is pointless
  //   InvalidArgument  bad input
  //   Aborted          in use
  //   NotFound         it, or what it belongs to, is not there
  //   Unknown          none of these: may come right, and says nothing of other objects
  static absl::Status StatusOf(const HttpResponse& response);

 private:
  absl::StatusOr<HttpResponse> Call(std::string method, const std::string& path, std::string body,
                                    const Cancel& cancel);

  HttpClient client_;
};

// "/v2/backends/<id>/servers", and so on, with the id's own segment or without.
std::string CollectionPath(const EntryId& id);
std::string ObjectPath(const EntryId& id);
// The key that wraps an object of that kind in a POST: "Backend".
std::string_view Wrapper(std::string_view kind);

}  // namespace dispatcher
