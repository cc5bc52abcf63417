// Plain values of HTTP that client and server share. No httplib in here: only
// client.cc and server.cc include it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dispatcher/base/status.h"

namespace dispatcher {

// Names compare without case. What came over the wire is in no order that means
// anything: httplib does not keep it. Percent escapes in values that came over the
// wire are decoded already (httplib 0.11; 0.18 spares Location), plus signs are not.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// What a client needs for https; files hold PEM and are read for each new connection.
struct ClientTls {
  std::string ca_file;              // "" = the system's CAs
  std::string cert_file, key_file;  // "" = no certificate of ours
  std::string section;              // what errors put before the settings' names, "leader."; "--": options

  // What errors call one of them, "ca_file": "leader.ca_file", or "--ca-file".
  std::string NameOf(std::string_view file) const;
};

// The first value of that name, or "".
std::string_view FindHeader(const HttpHeaders& headers, std::string_view name);

// scheme://host[:port][/prefix], parsed by us: httplib throws on odd ports and
// takes "user:pw@h" for a host name.
struct Url {
  std::string scheme = "http";  // http or https
  std::string host;             // IPv6 without brackets
  int port = 80;
  std::string path;  // "" or "/...", never with a slash at the end

  // scheme://host:port, IPv6 in brackets.
  std::string Origin() const;
  bool SameOrigin(const Url& other) const;

  // InvalidArgument says what is wrong and never repeats user information, which
  // is refused: credentials come from files or the environment.
  static absl::StatusOr<Url> Parse(std::string_view text);
};

// "/v2/apps" + encoded segments: HttpPath("/v2/apps", {"a b", ".."}) is
// "/v2/apps/a%20b/%2E%2E".
std::string HttpPath(std::string_view fixed, const std::vector<std::string_view>& segments);

// InvalidArgument if a header name or value holds CR, LF or NUL (httplib sends
// them raw) or other control characters.
absl::Status CheckHeader(std::string_view name, std::string_view value);

}  // namespace dispatcher
