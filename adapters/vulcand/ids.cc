#include "adapters/vulcand/ids.h"

#include <algorithm>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::string_view kEnd = ".~";
constexpr std::string_view kShared = ".shared";
constexpr size_t kHash = 8;

bool IsPlain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

// `underscore` is the one byte that "_" stands for.
std::string Encode(std::string_view text, char underscore) {
  std::string out;
  for (const char c : text) {
    if (c == underscore) {
      out.push_back('_');
    } else if (IsPlain(c)) {
      out.push_back(c);
    } else {
      out.append(":").append(Hex(static_cast<unsigned char>(c), 2));
    }
  }
  return out;
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? std::optional<int>(c - 'a' + 10) : std::nullopt;
}

// Nothing unless Encode would give that very text: else two ids stood for one thing.
std::optional<std::string> Decode(std::string_view text, char underscore) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ':') {
      out.push_back(text[i] == '_' ? underscore : text[i]);
      continue;
    }
    const auto high = i + 2 < text.size() ? HexDigit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? HexDigit(text[i + 2]) : std::nullopt;
    if (!high.has_value() || !low.has_value()) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  return Encode(out, underscore) == text ? std::optional<std::string>(out) : std::nullopt;
}

// Cuts "~", what stands before it, and the dot between: "a.0.~" -> "a", "0".
std::optional<std::pair<std::string_view, std::string_view>> CutLast(std::string_view text) {
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return std::nullopt;
  }
  return std::pair(text.substr(0, dot), text.substr(dot + 1));
}

std::optional<int> Port(std::string_view text) {
  const std::optional<int64_t> port = ParseInt(text);
  const bool sound = port.has_value() && *port >= 0 && *port <= 65535 && std::to_string(*port) == text;
  return sound ? std::optional<int>(static_cast<int>(*port)) : std::nullopt;
}

bool IsRouteMark(std::string_view text) {
  return text.size() == kHash + 1 && text[0] == 'r' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return HexDigit(c).has_value(); });
}

// Without the end and the mark of a further route.
std::optional<std::string_view> Stem(std::string_view id) {
  if (!id.ends_with(kEnd)) {
    return std::nullopt;
  }
  id.remove_suffix(kEnd.size());
  if (const auto cut = CutLast(id); cut.has_value() && IsRouteMark(cut->second)) {
    id = cut->first;
  }
  return id;
}

}  // namespace

std::string VulcandId(std::string_view owner, const ServiceKey& key) {
  std::string id(owner);
  id.append(".").append(Encode(key.app, '/')).append(".").append(std::to_string(key.port)).append(kEnd);
  return id;
}

std::string SharedVulcandId(std::string_view owner, std::string_view name) {
  std::string id(owner);
  id.append(".").append(Encode(name, '/')).append(kShared).append(kEnd);
  return id;
}

std::string RouteId(std::string_view id, std::string_view route) {
  std::string out(id.substr(0, id.size() - kEnd.size()));
  out.append(".r").append(Hex(Fnv1a(route), kHash)).append(kEnd);
  return out;
}

std::string VulcandServerId(std::string_view task, int port) {
  return Encode(task, '_') + "." + std::to_string(port) + std::string(kEnd);
}

std::optional<ServiceKey> ParseVulcandId(std::string_view owner, std::string_view id) {
  if (!id.starts_with(owner) || id.substr(owner.size(), 1) != ".") {
    return std::nullopt;
  }
  const auto stem = Stem(id.substr(owner.size() + 1));
  if (!stem.has_value()) {
    return std::nullopt;
  }
  if (stem->ends_with(kShared)) {
    return ServiceKey{};
  }
  const auto cut = CutLast(*stem);
  const auto app = cut.has_value() ? Decode(cut->first, '/') : std::nullopt;
  const auto port = cut.has_value() ? Port(cut->second) : std::nullopt;
  if (!app.has_value() || !port.has_value()) {
    return std::nullopt;
  }
  return ServiceKey{*app, *port};
}

bool IsSharedVulcandId(std::string_view id) {
  const auto stem = Stem(id);
  return stem.has_value() && stem->ends_with(kShared);
}

std::optional<VulcandTask> ParseVulcandServerId(std::string_view id) {
  if (!id.ends_with(kEnd)) {
    return std::nullopt;
  }
  const auto cut = CutLast(id.substr(0, id.size() - kEnd.size()));
  const auto task = cut.has_value() ? Decode(cut->first, '_') : std::nullopt;
  const auto port = cut.has_value() ? Port(cut->second) : std::nullopt;
  if (!task.has_value() || !port.has_value()) {
    return std::nullopt;
  }
  return VulcandTask{*task, *port};
}

}  // namespace dispatcher
