// Kong's Admin API as far as every call is alike: version, token, errors, pages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "adapters/kong/version.h"
#include "adapters/secret.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

// Any thread.
class KongApi {
 public:
  // `workspace` goes before every path but "/"; "" leaves it out.
  KongApi(HttpClientOptions http, std::shared_ptr<Secret> token, std::shared_ptr<Secret> key,
          std::string workspace);

  // What is at the other end. Remembered until a call fails there or a Server
  // header names another version.
  absl::StatusOr<KongVersion> Version(const Cancel& cancel);

  // How often a Server header has named another Kong than the one before it.
  uint64_t moves() const;

  // An answer of any status. Aborted if it came from another Kong than those before:
  // what was asked of that one may mean something else to this one.
  absl::StatusOr<HttpResponse> Call(std::string_view method, std::string_view path, std::string_view query,
                                    std::string body, const Cancel& cancel);

  // The answer to a GET if it is 200 and JSON.
  absl::StatusOr<JsonDocument> Get(std::string_view path, std::string_view query, const Cancel& cancel);
  // The same, nullopt for 404.
  absl::StatusOr<std::optional<JsonDocument>> Find(std::string_view path, const Cancel& cancel);
  // Every element of a collection, page by page. Complete if and only if OK.
  absl::Status ForEach(std::string_view path, std::string_view query, const Cancel& cancel,
                       absl::FunctionRef<void(JsonView)> visit);

  // What an answer means, by adapter.h's codes; NotFound for 404, AlreadyExists for
  // a name that is taken, Aborted where what it refers to has come or gone meanwhile.
  static absl::Status StatusOf(const HttpResponse& response);

 private:
  void Forget();

  HttpClient client_;
  const std::shared_ptr<Secret> token_, key_;
  const std::string workspace_;
  mutable Mutex mutex_;
  std::optional<KongVersion> version_ ABSL_GUARDED_BY(mutex_);
  uint64_t moves_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string server_ ABSL_GUARDED_BY(mutex_);  // its Server header, "" if that says nothing
};

}  // namespace dispatcher
