#include "tests/kong_model/schema.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "dispatcher/base/strings.h"

namespace dispatcher::kong_model {
namespace {

constexpr const char* kService =
    R"({"connect_timeout":60000,"host":null,"name":null,"path":null,"port":80,"protocol":"http",)"
    R"("read_timeout":60000,"retries":5,"write_timeout":60000})";
constexpr const char* kServiceSince2 =
    R"({"ca_certificates":null,"client_certificate":null,"enabled":true,"tags":null,"tls_verify":null,)"
    R"("tls_verify_depth":null})";
constexpr const char* kRoute =
    R"({"hosts":null,"methods":null,"paths":null,"preserve_host":false,"protocols":["http","https"],)"
    R"("regex_priority":0,"service":null,"strip_path":true})";
constexpr const char* kRouteSince2 =
    R"({"destinations":null,"headers":null,"https_redirect_status_code":426,"name":null,"path_handling":"v0",)"
    R"("request_buffering":true,"response_buffering":true,"snis":null,"sources":null,"tags":null})";
constexpr const char* kUpstreamOld =
    R"({"hash_fallback":"none","hash_on":"none","hash_on_cookie_path":"/","name":null,"slots":10000,)"
    R"("healthchecks":{"active":{"concurrency":10,"healthy":{"http_statuses":[200,302],"interval":0,)"
    R"("successes":0},"http_path":"/","timeout":1,"unhealthy":{"http_failures":0,"http_statuses":)"
    R"([429,404,500,501,502,503,504,505],"interval":0,"tcp_failures":0,"timeouts":0}},"passive":{"healthy":)"
    R"({"http_statuses":[200,201,202,203,204,205,206,207,208,226,300,301,302,303,304,305,306,307,308],)"
    R"("successes":0},"unhealthy":{"http_failures":0,"http_statuses":[429,500,503],"tcp_failures":0,)"
    R"("timeouts":0}}}})";
constexpr const char* kUpstream =
    R"({"algorithm":"round-robin","client_certificate":null,"hash_fallback":"none",)"
    R"("hash_fallback_header":null,"hash_on":"none","hash_on_cookie":null,"hash_on_cookie_path":"/",)"
    R"("hash_on_header":null,"host_header":null,"name":null,"slots":10000,"tags":null})";
constexpr const char* kHealthchecks28 =
    R"({"active":{"concurrency":10,"healthy":{"http_statuses":[200,302],"interval":0,"successes":0},)"
    R"("http_path":"/","https_sni":null,"https_verify_certificate":true,"timeout":1,"type":"http",)"
    R"("unhealthy":{"http_failures":0,"http_statuses":[429,404,500,501,502,503,504,505],"interval":0,)"
    R"("tcp_failures":0,"timeouts":0}},"passive":{"healthy":{"http_statuses":)"
    R"([200,201,202,203,204,205,206,207,208,226,300,301,302,303,304,305,306,307,308],"successes":0},)"
    R"("type":"http","unhealthy":{"http_failures":0,"http_statuses":[429,500,503],"tcp_failures":0,)"
    R"("timeouts":0}},"threshold":0})";
constexpr const char* kUpstreamSince3 =
    R"({"hash_fallback_query_arg":null,"hash_fallback_uri_capture":null,"hash_on_query_arg":null,)"
    R"("hash_on_uri_capture":null,"use_srv_name":false})";
constexpr const char* kApi010 =
    R"({"http_if_terminated":false,"https_only":false,"name":null,"preserve_host":false,"retries":5,)"
    R"("strip_uri":true,"upstream_connect_timeout":60000,"upstream_read_timeout":60000,)"
    R"("upstream_send_timeout":60000,"upstream_url":null})";
constexpr const char* kApi08 =
    R"({"name":null,"preserve_host":false,"strip_request_path":false,"upstream_url":null})";
constexpr const char* kPlugin = R"({"config":{},"consumer":null,"enabled":true,"name":null,"protocols":)"
                                R"(["grpc","grpcs","http","https"],"route":null,"service":null,"tags":null})";

void Add(Object& object, const char* json) {
  const auto document = JsonDocument::Parse(json);
  for (auto& [key, value] : ObjectOf(document->root())) {
    object[key] = std::move(value);
  }
}

std::string TagFault(const KongVersion& version, const std::string& tag) {
  if (tag.empty()) {
    return "length must be at least 1";
  }
  for (char c : tag) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = c == ' ' && version.AtLeast(3, 0);
    if (c == ',' || c == '/' || byte < 0x20 || byte == 0x7f || (c == ' ' && !blank)) {
      return "invalid tag '" + tag +
             "': expected printable ascii (except `,` and `/`) or valid utf-8 sequences";
    }
  }
  return "";
}

bool IsIp(const std::string& text) {
  in6_addr v6;
  in_addr v4;
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 || inet_pton(AF_INET, text.c_str(), &v4) == 1;
}

std::string UpstreamNameFault(const KongVersion& version, const std::string& name) {
  const std::string said = version.AtLeast(1, 0) ? "Invalid name ('" + name + "'); " : "Invalid name; ";
  if (IsIp(name)) {
    return said + "no ip addresses allowed";
  }
  const size_t colon = name.find(':');
  if (colon != std::string::npos && IsHostName(name.substr(0, colon)) && ParseInt(name.substr(colon + 1))) {
    return said + "no port allowed";
  }
  return IsHostName(name) ? "" : said + "must be a valid hostname";
}

bool IsApiName(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("._~-").find(c) != std::string_view::npos;
  });
}

std::string RangeFault(const std::string& value, int64_t low, int64_t high) {
  const auto number = ParseInt(value);
  if (!number) {
    return "expected an integer";
  }
  return *number < low || *number > high
             ? "value should be between " + std::to_string(low) + " and " + std::to_string(high)
             : "";
}

}  // namespace

bool IsHostName(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
  return plain && !text.empty() && text[0] != '.' &&
         std::any_of(text.begin(), text.end(), [](char c) { return c != '.' && !std::isdigit(c); });
}

bool IsUuid(const std::string& text) {
  if (text.size() != 36) {
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> NormalTarget(const std::string& text) {
  std::string host = text, port = "8000";
  const bool v6 = text.starts_with('[') || std::count(text.begin(), text.end(), ':') > 1;
  const size_t colon = v6 ? text.find("]:") : text.rfind(':');
  if (colon != std::string::npos) {
    host = text.substr(0, colon + (v6 ? 1 : 0));
    port = text.substr(colon + (v6 ? 2 : 1));
  }
  const auto number = ParseInt(port);
  if (!number || *number < 0 || *number > 65535) {
    return std::nullopt;
  }
  if (v6) {
    std::string bare = host;
    if (bare.starts_with('[') && bare.ends_with(']')) {
      bare = bare.substr(1, bare.size() - 2);
    }
    in6_addr bytes;
    if (inet_pton(AF_INET6, bare.c_str(), &bytes) != 1) {
      return std::nullopt;
    }
    host = "[";
    for (int i = 0; i < 16; i += 2) {
      char group[6];
      std::snprintf(group, sizeof group, "%s%02x%02x", i == 0 ? "" : ":", bytes.s6_addr[i],
                    bytes.s6_addr[i + 1]);
      host += group;
    }
    host += "]";
  } else if (!IsIp(host) && !IsHostName(host)) {
    return std::nullopt;
  }
  return host + ":" + std::to_string(*number);
}

Object DefaultsOf(const KongVersion& version, const std::string& kind) {
  Object object;
  const bool modern = version.AtLeast(1, 0);
  if (kind == "services") {
    Add(object, kService);
    if (modern) {
      Add(object, kServiceSince2);
    }
  } else if (kind == "routes") {
    Add(object, kRoute);
    if (modern) {
      Add(object, kRouteSince2);
    }
  } else if (kind == "upstreams") {
    Add(object, modern ? kUpstream : kUpstreamOld);
    if (modern) {
      std::string checks = kHealthchecks28;
      if (version.AtLeast(3, 0)) {
        Add(object, kUpstreamSince3);
        checks.insert(checks.find("\"http_path\""), "\"headers\":null,");
      }
      object["healthchecks"] = checks;
    }
  } else if (kind == "targets") {
    object["weight"] = "100";
    object["target"] = "null";
    if (modern) {
      object["tags"] = "null";
    }
  } else if (kind == "apis") {
    Add(object, version.HasHostLists() ? kApi010 : kApi08);
  } else if (kind == "plugins") {
    Add(object, kPlugin);
  }
  return object;
}

std::map<std::string, std::string> SchemaFaults(const KongVersion& version, const std::string& kind,
                                                const Object& body, bool whole) {
  std::map<std::string, std::string> faults;
  Object known = DefaultsOf(version, kind);
  if (kind == "apis") {
    for (const char* key : {"hosts", "uris", "methods", "request_host", "request_path"}) {
      known[key] = "null";
    }
    known.erase(version.HasHostLists() ? "request_host" : "hosts");
    known.erase(version.HasHostLists() ? "request_path" : "uris");
  }
  const bool old = !version.AtLeast(1, 0) && (kind == "apis" || kind == "upstreams" || kind == "targets");
  if (kind == "plugins") {
    return faults;  // theirs are the schemas of each plugin
  }
  for (const auto& [key, value] : body) {
    if (!known.contains(key) && key != "id" && key != "created_at" && key != "updated_at" &&
        key != "upstream") {
      faults[key] = old ? key + " is an unknown field" : "unknown field";
    } else if (key == "tags" && value != "null") {
      size_t index = 0;
      const bool one = value.starts_with('"');  // of a form
      for (const std::string& tag : one ? std::vector<std::string>{Unquote(value)} : List(body, key)) {
        ++index;
        if (std::string fault = TagFault(version, tag); !fault.empty()) {
          faults["tags." + std::to_string(index)] = fault;
        }
      }
    } else if (kind == "apis" && key == "name" && !IsApiName(Get(body, key))) {
      faults[key] = "name must only contain alphanumeric and '., -, _, ~' characters";
    } else if (kind == "apis" && key == "upstream_url" && Get(body, key).find("://") == std::string::npos) {
      faults[key] = "upstream_url is not a url";
    } else if (kind == "apis" && key == "hosts") {
      for (const std::string& host : List(body, key)) {
        if (!IsHostName(host) && !host.starts_with("*.")) {
          faults[key] = "host with value '" + host + "' is invalid: Invalid hostname";
        }
      }
    } else if (key == "hosts" && kind == "routes" && value.starts_with('"')) {
      faults[version.AtLeast(1, 0) ? "hosts.1" : "hosts"] =
          (version.AtLeast(1, 0) ? "invalid hostname: " : "invalid value: ") + Unquote(value);
    } else if (key == "port" && kind == "services") {
      if (std::string fault = RangeFault(value, 0, 65535); !fault.empty()) {
        faults[key] = fault;
      }
    } else if (key == "weight" && !old) {
      if (std::string fault = RangeFault(value, 0, 65535); !fault.empty()) {
        faults[key] = fault;
      }
    } else if (key == "slots" && !old) {
      if (std::string fault = RangeFault(value, 10, 65536); !fault.empty()) {
        faults[key] = fault;
      }
    } else if (key == "name" && kind == "upstreams" && !Get(body, key).empty()) {
      if (std::string fault = UpstreamNameFault(version, Get(body, key)); !fault.empty()) {
        faults[old ? "message" : key] = fault;
      }
    } else if (key == "path" && kind == "services" && value != "null" && !Get(body, key).starts_with('/')) {
      faults[key] = "should start with: /";
    } else if (key == "target" && !NormalTarget(Get(body, key))) {
      faults[old ? "message" : key] = "Invalid target; not a valid hostname or ip address";
    } else if (key == "id" && version.AtLeast(1, 0) && !IsUuid(Get(body, key))) {
      faults[key] = "expected a valid UUID";
    }
  }
  const std::map<std::string, std::vector<std::string>> required = {{"services", {"host"}},
                                                                    {"upstreams", {"name"}},
                                                                    {"targets", {"target"}},
                                                                    {"apis", {"name", "upstream_url"}}};
  if (const auto needed = required.find(kind); needed != required.end()) {
    for (const std::string& key : needed->second) {
      const auto given = body.find(key);
      if ((whole && given == body.end()) || (given != body.end() && given->second == "null")) {
        faults[key] = old ? key + " is required" : "required field missing";
      }
    }
  }
  return faults;
}

}  // namespace dispatcher::kong_model
