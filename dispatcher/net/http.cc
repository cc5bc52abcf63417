#include "dispatcher/net/http.h"

#include <algorithm>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

absl::Status BadUrl(std::string_view why) {
  return Error(absl::StatusCode::kInvalidArgument,
               "not a URL of the form http(s)://host[:port][/path]: ", why);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsHostChar(char c, bool bracketed) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || (bracketed && c == ':');
}

}  // namespace

std::string ClientTls::NameOf(std::string_view file) const {
  if (section != "--") {
    return section + std::string(file);
  }
  constexpr std::string_view kClient = "client_";
  std::string name = section + std::string(file.substr(file.starts_with(kClient) ? kClient.size() : 0));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string_view FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) {
      return value;
    }
  }
  return {};
}

std::string Url::Origin() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return scheme + "://" + (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Url::SameOrigin(const Url& other) const {
  return scheme == other.scheme && port == other.port && EqualsIgnoreCase(host, other.host);
}

absl::StatusOr<Url> Url::Parse(std::string_view text) {
  Url url;
  const size_t colon = text.find("://");
  url.scheme = colon == std::string_view::npos ? "" : Lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    return BadUrl("it must begin with http:// or https://");
  }
  text.remove_prefix(colon + 3);

  const size_t slash = text.find_first_of("/?#");
  std::string_view authority = text.substr(0, slash);
  const std::string_view rest = slash == std::string_view::npos ? "" : text.substr(slash);
  if (authority.find('@') != std::string_view::npos) {
    return BadUrl("user information is not allowed in it; give credentials by file or environment");
  }
  const bool bracketed = authority.starts_with('[');
  size_t host_end = authority.find(bracketed ? ']' : ':');
  if (bracketed) {
    if (host_end == std::string_view::npos) {
      return BadUrl("a bracket is not closed");
    }
    url.host = authority.substr(1, host_end - 1);
    ++host_end;
  } else {
    url.host = authority.substr(0, host_end);
  }
  if (url.host.empty()) {
    return BadUrl("the host is missing");
  }
  for (const char c : url.host) {
    if (!IsHostChar(c, bracketed)) {
      return BadUrl("the host holds a character that host names don't have");
    }
  }

  url.port = url.scheme == "https" ? 443 : 80;
  if (host_end < authority.size()) {
    const std::optional<int64_t> port = ParseInt(authority.substr(host_end + 1));
    if (authority[host_end] != ':' || !port || *port < 1 || *port > 65535) {
      return BadUrl("the port must be a number from 1 to 65535");
    }
    url.port = static_cast<int>(*port);
  }

  for (const char c : rest) {
    if (IsControl(c) || c == ' ') {
      return BadUrl("the path holds a blank or a control character");
    }
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return BadUrl("a query or fragment has no place in it");
  }
  url.path = rest.substr(0, rest.find_last_not_of('/') + 1);
  return url;
}

std::string HttpPath(std::string_view fixed, const std::vector<std::string_view>& segments) {
  std::string path(fixed);
  for (const std::string_view segment : segments) {
    path.append("/").append(PercentEncode(segment));
  }
  return path;
}

absl::Status CheckHeader(std::string_view name, std::string_view value) {
  bool sound_name = !name.empty();
  for (const char c : name) {
    sound_name = sound_name && IsTokenChar(c);
  }
  if (!sound_name) {
    return Error(absl::StatusCode::kInvalidArgument,
                 "a header name is empty or holds characters not allowed in one");
  }
  for (const char c : value) {
    if (IsControl(c) && c != '\t') {
      return Error(
          absl::StatusCode::kInvalidArgument, "header ", name,
          ": its value holds a control character, such as a line break at the end of a secret's file");
    }
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
