#include "dispatcher/marathon/codec/json_fields.h"

#include <limits>

#include "dispatcher/base/strings.h"
#include "dispatcher/model/labels.h"

namespace dispatcher {
namespace {

constexpr int64_t kMaxPort = 65535;

std::map<std::string, std::string> TextsOf(
    JsonView object, absl::FunctionRef<bool(std::string_view name, std::string_view text)> keep) {
  std::map<std::string, std::string> texts;
  object.ForEachMember([&](std::string_view name, JsonView value) {
    if (const auto text = value.String(); text && keep(name, *text)) {
      texts.emplace(name, *text);
    }
  });
  return texts;
}

}  // namespace

std::string JsonFields::Need(std::string_view key) const {
  std::string text = Text(key);
  if (text.empty()) {
    Fail(key, "is missing");
  }
  return text;
}

std::string JsonFields::Text(std::string_view key) const {
  const JsonView value = object_[key];
  const auto text = value.String();
  if (!text && !value.IsNull()) {
    Fail(key, "is not a string");
  }
  return std::string(text.value_or(""));
}

int JsonFields::Int(std::string_view key, int fallback) const { return MaybeInt(key).value_or(fallback); }

std::optional<int> JsonFields::MaybeInt(std::string_view key) const {
  const JsonView value = object_[key];
  if (value.IsNull()) {
    return std::nullopt;
  }
  const auto number = value.Int();
  if (!number || *number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max()) {
    Fail(key, "is not a whole number");
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

bool JsonFields::Bool(std::string_view key, bool fallback) const {
  const JsonView value = object_[key];
  const auto answer = value.Bool();
  if (!answer && !value.IsNull()) {
    Fail(key, "is not true or false");
  }
  return answer.value_or(fallback);
}

WallMs JsonFields::Stamp(std::string_view key) const {
  const auto text = object_[key].String();
  return text ? ParseTimestamp(*text).value_or(0) : 0;
}

std::string JsonFields::Host(std::string_view key) const {
  std::string host = Text(key);
  return host == "unknown" || host == "n/a" ? "" : host;
}

int JsonFields::Port(std::string_view key) const {
  const int port = Int(key, 0);
  if (port < 0 || port > kMaxPort) {
    Fail(key, "is not a port");
    return 0;
  }
  return port;
}

std::vector<int> JsonFields::Ports(std::string_view key) const {
  std::vector<int> ports;
  const JsonView list = object_[key];
  if (!list.IsArray() && !list.IsNull()) {
    Fail(key, "is not an array");
  }
  ports.reserve(list.size());
  list.ForEach([&](JsonView element) {
    const auto port = element.Int();
    if (!port || *port < 0 || *port > kMaxPort) {
      Fail(key, "holds something that is not a port");
      return;
    }
    ports.push_back(static_cast<int>(*port));
  });
  return ports;
}

std::vector<std::string> JsonFields::Addresses(std::string_view key) const {
  std::vector<std::string> addresses;
  Each(key, [&](const JsonFields& entry) {
    if (std::string address = entry.Text("ipAddress"); !address.empty()) {
      addresses.push_back(std::move(address));
    }
  });
  return addresses;
}

std::map<std::string, std::string> JsonFields::Labels(std::string_view key) const {
  return TextsOf(object_[key], IsKeptLabel);
}

std::map<std::string, std::string> JsonFields::Variables(std::string_view key) const {
  return TextsOf(object_[key],
                 [](std::string_view name, std::string_view) { return name.starts_with("SERVICE_"); });
}

JsonFields JsonFields::Child(std::string_view key) const {
  const JsonView value = object_[key];
  if (!value.IsNull() && !value.IsObject()) {
    Fail(key, "is not an object");
  }
  return {this, key, kNoIndex, value};
}

void JsonFields::Each(std::string_view key, absl::FunctionRef<void(const JsonFields&)> visit) const {
  const JsonView list = object_[key];
  if (!list.IsArray() && !list.IsNull()) {
    Fail(key, "is not an array");
  }
  size_t index = 0;
  list.ForEach([&](JsonView element) {
    if (element.IsObject()) {
      visit(JsonFields(this, key, index, element));
    } else if (!element.IsNull()) {
      Fail(key, "holds something that is not an object");
    }
    ++index;
  });
}

void JsonFields::Fail(std::string_view key, std::string_view what) const {
  if (error_.ok()) {
    error_ = Error(absl::StatusCode::kInvalidArgument, Path(), ": ", key, " ", what);
  }
}

std::string JsonFields::Path() const {
  if (parent_ == nullptr) {
    std::string path(kind_);
    return name_.empty() ? path : path.append(" ").append(name_);
  }
  std::string path = parent_->Path().append(parent_->parent_ == nullptr ? ": " : ".").append(kind_);
  return index_ == kNoIndex ? path : path.append("[").append(std::to_string(index_)).append("]");
}

}  // namespace dispatcher
