#include "adapters/kong/names.h"

#include <arpa/inet.h>

#include <algorithm>

#include "adapters/publish.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::string_view kOwnerTag = "dispatcher-owner:";
constexpr std::string_view kServiceTag = "dispatcher-service:";
constexpr std::string_view kFrameworkTag = "dispatcher-framework:";
constexpr std::string_view kTaskTag = "dispatcher-task:";
constexpr std::string_view kAppTag = "dispatcher-app:";
constexpr std::string_view kTags[] = {kOwnerTag, kServiceTag, kFrameworkTag, kTaskTag, kAppTag};
constexpr std::string_view kShared = "shared";
constexpr std::string_view kEnd = ".~";

int HexDigit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

// "/" becomes "_"; "//" is in no app id, so that "__" and two digits are an escape.
std::string EscapeApp(std::string_view app) {
  std::string text;
  for (char c : app) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-') {
      text.push_back(c);
    } else if (c == '/') {
      text.push_back('_');
    } else {
      text.append("__").append(Hex(static_cast<unsigned char>(c), 2));
    }
  }
  return text;
}

// The byte that `mark` and two hex digits at the start of `text` stand for.
std::optional<char> EscapedByte(std::string_view text, std::string_view mark) {
  const size_t digits = mark.size();
  if (!text.starts_with(mark) || text.size() < digits + 2 || HexDigit(text[digits]) < 0 ||
      HexDigit(text[digits + 1]) < 0) {
    return std::nullopt;
  }
  return static_cast<char>(HexDigit(text[digits]) * 16 + HexDigit(text[digits + 1]));
}

std::string Unescape(std::string_view text, std::string_view mark, bool slashes) {
  std::string plain;
  while (!text.empty()) {
    const std::optional<char> byte = EscapedByte(text, mark);
    plain.push_back(byte ? *byte : slashes && text[0] == '_' ? '/' : text[0]);
    text.remove_prefix(byte ? mark.size() + 2 : 1);
  }
  return plain;
}

}  // namespace

std::string BodyOf(const ServiceKey& key) { return EscapeApp(key.app) + "." + std::to_string(key.port); }

std::string SharedBody(std::string_view name) { return EscapeApp(name) + "." + std::string(kShared); }

std::optional<ServiceKey> KeyOfBody(std::string_view body) {
  const size_t dot = body.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return std::nullopt;
  }
  if (body.substr(dot + 1) == kShared) {
    return ServiceKey{"", 0};
  }
  const std::optional<int64_t> port = ParseInt(body.substr(dot + 1));
  if (!port || *port < 0 || *port > 65535) {
    return std::nullopt;
  }
  ServiceKey key{Unescape(body.substr(0, dot), "__", true), static_cast<int>(*port)};
  return BodyOf(key) == body ? std::optional(std::move(key)) : std::nullopt;
}

std::string KongName(std::string_view owner, std::string_view body) {
  return std::string(owner).append(".").append(body);
}

std::string_view BodyOfName(std::string_view owner, std::string_view name) {
  if (name.size() <= owner.size() + 1 || !name.starts_with(owner) || name[owner.size()] != '.') {
    return {};
  }
  name.remove_prefix(owner.size() + 1);
  return KeyOfBody(name) ? name : std::string_view();
}

std::string StructureId(std::string_view owner, std::string_view body) {
  return KongName(owner, body).append(kEnd);
}

std::string TargetId(std::string_view owner, std::string_view body, std::string_view address) {
  return StructureId(owner, body).append("/").append(address).append("~");
}

std::optional<KongId> ParseId(std::string_view owner, std::string_view id) {
  const size_t slash = id.find('/');
  std::string_view structure = id.substr(0, slash);
  if (!structure.ends_with(kEnd)) {
    return std::nullopt;
  }
  structure.remove_suffix(kEnd.size());
  KongId parsed;
  parsed.body = BodyOfName(owner, structure);
  if (slash != std::string_view::npos) {
    parsed.address = id.substr(slash + 1);
    if (!parsed.address.ends_with('~')) {
      return std::nullopt;
    }
    parsed.address.pop_back();
  }
  return parsed.body.empty() ? std::nullopt : std::optional(std::move(parsed));
}

KongMark ParseMark(JsonView tags) {
  KongMark mark;
  std::string app;
  tags.ForEach([&](JsonView tag) {
    const std::string_view text = tag.String().value_or(std::string_view());
    const auto take = [&](std::string_view prefix, std::string& into) {
      if (text.starts_with(prefix)) {
        into = Unescape(text.substr(prefix.size()), "%", false);
      }
    };
    take(kOwnerTag, mark.owner);
    take(kServiceTag, mark.body);
    take(kFrameworkTag, mark.framework);
    take(kTaskTag, mark.task);
    take(kAppTag, app);
  });
  const std::optional<ServiceKey> key = KeyOfBody(app.empty() ? mark.body : app);
  if (!key || !KeyOfBody(mark.body)) {
    return {};
  }
  mark.key = *key;
  return mark;
}

std::vector<std::string> TagsOf(const KongMark& mark) {
  std::vector<std::string> tags;
  const auto add = [&](std::string_view prefix, std::string_view text) {
    if (!text.empty()) {
      tags.push_back(std::string(prefix).append(PercentEncode(text)));
    }
  };
  add(kOwnerTag, mark.owner);
  add(kServiceTag, mark.body);
  add(kFrameworkTag, mark.framework);
  add(kTaskTag, mark.task);
  if (!mark.task.empty() && KeyOfBody(mark.body) != mark.key) {
    add(kAppTag, BodyOf(mark.key));
  }
  return tags;
}

std::vector<std::string> OtherTags(JsonView tags) {
  std::vector<std::string> others;
  tags.ForEach([&](JsonView tag) {
    const std::string text = tag.StringOr("");
    if (!text.empty() && std::none_of(std::begin(kTags), std::end(kTags),
                                      [&](std::string_view prefix) { return text.starts_with(prefix); })) {
      others.push_back(text);
    }
  });
  return others;
}

std::string MarkQuery(std::string_view owner, std::string_view body) {
  KongMark mark;
  mark.owner = owner;
  mark.body = body;
  std::string query;
  for (const std::string& tag : TagsOf(mark)) {
    query.append(query.empty() ? "tags=" : ",").append(PercentEncode(tag));
  }
  return query;
}

std::string ShortAddress(std::string_view text) {
  const size_t colon = text.rfind("]:");
  if (!text.starts_with('[') || colon == std::string_view::npos) {
    return std::string(text);
  }
  in6_addr bytes;
  char shortest[INET6_ADDRSTRLEN];
  if (inet_pton(AF_INET6, std::string(text.substr(1, colon - 1)).c_str(), &bytes) != 1 ||
      inet_ntop(AF_INET6, &bytes, shortest, sizeof shortest) == nullptr) {
    return std::string(text);
  }
  return "[" + std::string(shortest) + std::string(text.substr(colon));
}

}  // namespace dispatcher
