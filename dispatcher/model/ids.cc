#include "dispatcher/model/ids.h"

#include <algorithm>
#include <optional>

namespace dispatcher {
namespace {

struct Parts {
  std::string_view path;      // safe path of the app: "a_b"
  std::string_view instance;  // "instance-UUID", "marathon-UUID", or the bare "UUID" of a legacy task
  bool is_instance = false;   // the id ended there
};

bool AllDigits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The last ".instance-" or ".marathon-" with a path before it: Marathon's
// expressions are greedy.
size_t FindMarker(std::string_view id) {
  for (size_t dot = id.rfind('.'); dot != std::string_view::npos && dot > 0; dot = id.rfind('.', dot - 1)) {
    const std::string_view rest = id.substr(dot + 1);
    if (rest.starts_with("instance-") || rest.starts_with("marathon-")) {
      return dot;
    }
  }
  return std::string_view::npos;
}

// PATH.instance-UUID, PATH.instance-UUID.CONTAINER, PATH.instance-UUID.CONTAINER.INCARNATION
std::optional<Parts> ParseMarked(std::string_view id) {
  constexpr size_t kWord = std::string_view("instance-").size();
  const size_t dot = FindMarker(id);
  if (dot == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view path = id.substr(0, dot);
  const std::string_view tail = id.substr(dot + 1);
  const std::string_view rest = tail.substr(kWord);
  if (rest.find('.') == std::string_view::npos) {
    return rest.empty() ? std::nullopt : std::optional<Parts>(Parts{path, tail, true});
  }
  const size_t end = rest.find_first_of("._");
  std::string_view container = rest.substr(end + 1);
  if (const size_t last = container.rfind('.'); last != std::string_view::npos) {
    if (!AllDigits(container.substr(last + 1))) {
      return std::nullopt;
    }
    container = container.substr(0, last);
  }
  if (end == 0 || container.empty() || container.find('.') != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{path, tail.substr(0, kWord + end), false};
}

// PATH.UUID, PATH.UUID.ATTEMPT; the separator was "_" in Marathon 0.6.
std::optional<Parts> ParseLegacy(std::string_view id) {
  const auto cut = [](std::string_view text) -> std::optional<Parts> {
    const size_t separator = text.find_last_of("._");
    if (separator == std::string_view::npos || separator == 0 || separator + 1 == text.size()) {
      return std::nullopt;
    }
    return Parts{text.substr(0, separator), text.substr(separator + 1), false};
  };
  const size_t dot = id.rfind('.');
  if (dot != std::string_view::npos && AllDigits(id.substr(dot + 1))) {
    if (const auto resident = cut(id.substr(0, dot))) {
      return resident;
    }
  }
  return cut(id);
}

std::optional<Parts> Parse(std::string_view id) {
  const auto marked = ParseMarked(id);
  return marked ? marked : ParseLegacy(id);
}

}  // namespace

InstanceId InstanceOfTask(std::string_view task) {
  if (const auto marked = ParseMarked(task)) {
    return std::string(marked->path) + '.' + std::string(marked->instance);
  }
  if (const auto legacy = ParseLegacy(task)) {
    return std::string(legacy->path) + ".marathon-" + std::string(legacy->instance);
  }
  return "";
}

bool IsInstanceId(std::string_view id) {
  const auto marked = ParseMarked(id);
  return marked && marked->is_instance;
}

AppId AppOfTask(std::string_view task) {
  const auto parts = Parse(task);
  if (!parts) {
    return "";
  }
  std::string path = "/" + std::string(parts->path);
  std::replace(path.begin(), path.end(), '_', '/');
  return path;
}

AppId NormalAppId(std::string_view id) {
  std::string out;
  for (size_t i = 0; i < id.size();) {
    const size_t slash = std::min(id.find('/', i), id.size());
    if (slash > i) {
      out.append("/").append(id.substr(i, slash - i));
    }
    i = slash + 1;
  }
  return out.empty() && !id.empty() ? "/" : out;
}

}  // namespace dispatcher
