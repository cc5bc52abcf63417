// Calls that carry secrets in their headers.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/secret.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

struct SecretHeader {
  std::string_view name;
  Secret& secret;
};

inline bool Refused(const HttpResponse& response) { return response.status == 401 || response.status == 403; }

// Each secret that is not empty goes along in its header. A call that is refused is made
// once more if a file holds another secret by now.
inline absl::StatusOr<HttpResponse> CallWithSecrets(HttpClient& client, HttpRequest request,
                                                    std::initializer_list<SecretHeader> headers,
                                                    const Cancel& cancel) {
  const auto call = [&]() {
    request.headers.clear();
    for (const auto& [name, secret] : headers) {
      if (std::string text = secret.Get(); !text.empty()) {
        request.headers.emplace_back(name, std::move(text));
      }
    }
    return client.Call(request, cancel);
  };
  absl::StatusOr<HttpResponse> response = call();
  if (!response.ok() || !Refused(*response)) {
    return response;
  }
  bool other = false;
  for (const SecretHeader& header : headers) {
    other |= header.secret.Refresh();
  }
  return other ? call() : response;
}

}  // namespace dispatcher
