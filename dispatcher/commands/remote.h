// Asks a running dispatcher over its HTTP API.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/config/settings.h"

namespace dispatcher {

// Where it is, and what is needed to speak TLS with it: --ca-file, --cert-file and --key-file.
struct Remote {
  std::string url, ca_file, cert_file, key_file;
};

// url: --url, else http.listen of the settings ("any address" becomes loopback), by https if
// they have http.tls_cert_file. With --url the settings are not read at all.
absl::StatusOr<Remote> RemoteOf(const Invocation& invocation);

// What a call that changes something is sent with: http.token or http.token_file of the
// settings, whichever way those are given. FailedPrecondition says how to give it.
absl::StatusOr<std::string> TokenFor(const Invocation& invocation);

// The API's path of that app, or static service: "/v1/apps/shop/cart" for "shop/cart".
std::string AppPath(std::string_view app);

// The body of a 200. Other answers become an error with the answer's own words;
// Unavailable says that nobody listens at its url. `target` is encoded already;
// `token` "" sends none; `body` is JSON.
absl::StatusOr<std::string> Ask(const Remote& remote, std::string_view method, const std::string& target,
                                const std::string& token, const std::string& body = "");

// True: the answer is to be printed as it came. InvalidArgument for an --output
// that is neither text nor json.
absl::StatusOr<bool> WantsJson(const Invocation& invocation);

}  // namespace dispatcher
