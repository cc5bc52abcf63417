#include "dispatcher/commands/remote.h"

#include "dispatcher/admin/token.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/config/values.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

absl::StatusOr<Remote> RemoteOf(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Remote remote = {arguments.Get("--url"), arguments.Get("--ca-file"), arguments.Get("--cert-file"),
                   arguments.Get("--key-file")};
  if (arguments.Has("--url")) {
    return remote;
  }
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  ASSIGN_OR_RETURN(const ListenAddress listen, ParseListen(configuration.settings.http.listen));
  Url url;
  url.host = listen.host == "0.0.0.0" ? "127.0.0.1" : listen.host == "::" ? "::1" : listen.host;
  url.port = listen.port;
  url.scheme = configuration.settings.http.tls_cert_file.empty() ? "http" : "https";
  remote.url = url.Origin();
  return remote;
}

absl::StatusOr<std::string> TokenFor(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  const HttpSettings& http = configuration.settings.http;
  if (http.token.empty() && http.token_file.empty()) {
    return absl::FailedPreconditionError(
        "this changes something and needs the dispatcher's token: its settings with --config, "
        "--set http.token_file=FILE, or DISPATCHER_HTTP__TOKEN");
  }
  return BearerToken(http);
}

std::string AppPath(std::string_view app) {
  std::vector<std::string_view> segments;
  for (const std::string_view segment : Split(app, '/')) {
    if (!segment.empty()) {
      segments.push_back(segment);
    }
  }
  return HttpPath("/v1/apps", segments);
}

absl::StatusOr<std::string> Ask(const Remote& remote, std::string_view method, const std::string& target,
                                const std::string& token, const std::string& body) {
  HttpClientOptions options;
  ASSIGN_OR_RETURN(options.base, Url::Parse(remote.url));
  options.tls = {remote.ca_file, remote.cert_file, remote.key_file, "--"};
  HttpClient client(options);
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.body = body;
  if (!token.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + token);
  }
  const absl::StatusOr<HttpResponse> response = client.Call(request, Cancel());
  if (!response.ok()) {
    const std::string origin = options.base.Origin();
    std::string_view why = Message(response.status());
    why.remove_prefix(why.starts_with(origin + ": ") ? origin.size() + 2 : 0);
    return why.starts_with("can't connect")
               ? Error(response.status().code(), "no dispatcher answers at ", origin,
                       ": start it, or name another one with --url (", why, ")")
               : Error(response.status().code(), "no dispatcher answers at ", origin, ": ", why);
  }
  if (response->status == 200) {
    return response->body;
  }
  const auto answer = JsonDocument::Parse(response->body);
  const std::string error = answer.ok() ? answer->root()["error"].StringOr("") : "";
  return Error(absl::StatusCode::kUnknown,
               error.empty() ? "the dispatcher answered " + std::to_string(response->status) : error);
}

absl::StatusOr<bool> WantsJson(const Invocation& invocation) {
  const std::string output = invocation.arguments.Get("--output");
  if (!output.empty() && output != "text" && output != "json") {
    return Error(absl::StatusCode::kInvalidArgument, "--output ", output, " is neither text nor json");
  }
  return output == "json";
}

}  // namespace dispatcher
