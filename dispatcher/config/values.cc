#include "dispatcher/config/values.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/time/time.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/http.h"

namespace dispatcher {
namespace {

bool IsOwnerChar(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

absl::Status Invalid(std::string_view value, std::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, Quoted(value), " ", problem);
}

// "low..high" -> low, high
std::pair<std::string_view, std::string_view> Bounds(std::string_view allowed) {
  const size_t dots = allowed.find("..");
  return {allowed.substr(0, dots), allowed.substr(dots + 2)};
}

absl::StatusOr<int> CheckedInteger(std::string_view value, std::string_view allowed) {
  const auto number = ParseInt(value);
  const auto [low, high] = Bounds(allowed);
  if (!number || *number < ParseInt(low).value() || *number > ParseInt(high).value()) {
    return Invalid(value, "is not a whole number in " + std::string(allowed));
  }
  return static_cast<int>(*number);
}

absl::StatusOr<Duration> CheckedDuration(std::string_view value, std::string_view allowed) {
  ASSIGN_OR_RETURN(const Duration duration, ParseDuration(value));
  const auto [low, high] = Bounds(allowed);
  if (duration < ParseDuration(low).value() || duration > ParseDuration(high).value()) {
    return Invalid(value, "is out of range: write a duration in " + std::string(allowed));
  }
  return duration;
}

bool IsChoice(std::string_view value, std::string_view allowed) {
  const std::vector<std::string_view> words = Split(allowed, '|');
  return std::find(words.begin(), words.end(), value) != words.end();
}

absl::Status CheckChoice(std::string_view value, const Setting& setting) {
  if (IsChoice(value, setting.allowed) || (value.empty() && setting.fallback.empty())) {
    return absl::OkStatus();
  }
  std::vector<std::string> words;
  for (const std::string_view word : Split(setting.allowed, '|')) {
    words.emplace_back(word);
  }
  const auto nearest = Nearest(value, words);
  const char* example = setting.kind == SettingKind::kChoiceOrDuration ? " such as 5m" : "";
  return Invalid(value, "is none of " + AllowedText(setting) + example +
                            (nearest ? ": do you mean " + *nearest + "?" : ""));
}

absl::Status CheckDomain(std::string_view value) {
  for (const std::string_view label : Split(value, '.')) {
    const bool letters =
        std::all_of(label.begin(), label.end(), [](char c) { return IsOwnerChar(c) || c == '-'; });
    if (label.empty() || label.size() > 63 || !letters || label.front() == '-' || label.back() == '-') {
      return Invalid(value, "is not a DNS name: write labels of a-z, 0-9 and - separated by dots");
    }
  }
  return value.size() <= 190 ? absl::OkStatus() : Invalid(value, "is too long: at most 190 characters");
}

bool IsHost(std::string_view value) {
  in6_addr ipv6;
  if (inet_pton(AF_INET6, std::string(value).c_str(), &ipv6) == 1) {
    return true;
  }
  return !value.empty() && value.size() <= 253 && std::all_of(value.begin(), value.end(), [](char c) {
    return IsOwnerChar(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
  });
}

// Url::Parse never repeats user information; neither do we.
absl::Status CheckUrlTemplate(std::string_view value) {
  constexpr std::string_view kHost = "{host}";
  const size_t at = value.find(kHost);
  if (at == std::string_view::npos) {
    return absl::InvalidArgumentError("has no {host} to put a host into: write http://{host}:8500");
  }
  std::string example(value);
  example.replace(at, kHost.size(), "host");
  return Url::Parse(example).status();
}

absl::Status CheckText(const Setting& setting, std::string_view value) {
  switch (setting.kind) {
    case SettingKind::kText: {
      const bool good =
          std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 127 && c != ':'; });
      return good ? absl::OkStatus()
                  : Invalid(value, "has a blank, a colon or a character that is not ASCII");
    }
    case SettingKind::kOwner:
      if (value.empty() || value.size() > 20 || !std::all_of(value.begin(), value.end(), IsOwnerChar)) {
        return Invalid(value, "is no owner: write 1 to 20 characters of a-z and 0-9");
      }
      return absl::OkStatus();
    case SettingKind::kChoice:
      return CheckChoice(value, setting);
    case SettingKind::kChoiceOrDuration:
      return ParseDuration(value).ok() ? absl::OkStatus() : CheckChoice(value, setting);
    case SettingKind::kUrl:
      return value.empty() && setting.fallback.empty() ? absl::OkStatus() : Url::Parse(value).status();
    case SettingKind::kUrlTemplate:
      return CheckUrlTemplate(value);
    case SettingKind::kDomain:
      return CheckDomain(value);
    case SettingKind::kHost:
      return IsHost(value) || (value.empty() && setting.fallback.empty())
                 ? absl::OkStatus()
                 : Invalid(value, "is no address: write an IP address or a host name, without a port");
    case SettingKind::kListen:
      return ParseListen(value).status();
    case SettingKind::kFile:
      if (!value.empty() && access(std::string(value).c_str(), R_OK) != 0) {
        const int why = errno;
        return Invalid(value, std::string("can't be read: ") + std::strerror(why) +
                                  (why == ENOENT ? ": put it there, or name another one"
                                                 : ": let the dispatcher's user read it"));
      }
      return absl::OkStatus();
    case SettingKind::kAdapterNames:
      if (value.empty()) {
        return absl::OkStatus();
      }
      for (const std::string_view name : Split(value, ',')) {
        if (Trim(name).empty() ||
            !std::all_of(name.begin(), name.end(), [](char c) { return IsOwnerChar(c) || c == ' '; })) {
          return Invalid(value, "is no list of adapters: write their names separated by commas");
        }
      }
      return absl::OkStatus();
    case SettingKind::kSecret:
      return value.empty() ? absl::InvalidArgumentError("is empty: set it or leave it out")
                           : absl::OkStatus();
    default:
      return absl::InternalError("has a kind that is not text");
  }
}

bool IsHostPattern(std::string_view value) {
  value.remove_prefix(value.starts_with("*.") ? 2 : 0);
  return value.find(':') == std::string_view::npos && IsHost(value) && value.front() != '.' &&
         value.back() != '.' && value.find("..") == std::string_view::npos;
}

absl::Status CheckItem(SettingKind kind, std::string_view value) {
  switch (kind) {
    case SettingKind::kUrls:
      return Url::Parse(value).status();
    case SettingKind::kHostNames:
      return IsHostPattern(value) ? absl::OkStatus()
                                  : Invalid(value, "is no host: write a DNS name such as shop.example.com");
    case SettingKind::kPaths: {
      const bool good = value.starts_with('/') && std::all_of(value.begin(), value.end(), [](char c) {
                          return c > ' ' && c < 127 && c != '"' && c != '`';
                        });
      return good ? absl::OkStatus() : Invalid(value, "is no path: write one that begins with /");
    }
    default: {
      const auto address = ParseListen(value);
      return address.ok() && address->port > 0 && IsHost(address->host)
                 ? absl::OkStatus()
                 : Invalid(value, "is no target: write host:port such as 10.0.0.1:5050 or [::1]:5050");
    }
  }
}

absl::Status StoreList(const Setting& setting, const std::vector<std::string>& values,
                       std::vector<std::string>& field) {
  std::vector<std::string> items;
  for (const std::string& value : values) {
    for (const std::string_view part : Split(value, ',')) {
      if (Trim(part).empty() && setting.kind != SettingKind::kUrls) {
        continue;  // "": none
      }
      RETURN_IF_ERROR(CheckItem(setting.kind, Trim(part)));
      items.emplace_back(Trim(part));
    }
  }
  if (items.empty() && setting.kind == SettingKind::kUrls) {
    return absl::InvalidArgumentError("is empty: write at least one URL");
  }
  field = std::move(items);
  return absl::OkStatus();
}

std::string Joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    text.append(text.empty() ? "" : ",").append(value);
  }
  return text;
}

}  // namespace

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  absl::Duration duration;
  const bool unit = !text.empty() && (text.back() < '0' || text.back() > '9');
  // 100 years: everything longer is a slip, and nanoseconds would overflow.
  if (!unit || !absl::ParseDuration(ToAbsl(text), &duration) || duration < absl::ZeroDuration() ||
      duration > absl::Hours(24 * 36500)) {
    return Invalid(text, "is not a duration: write 250ms, 60s or 1m30s");
  }
  return absl::ToChronoNanoseconds(duration);
}

std::string FormatDuration(Duration duration) {
  const std::string text = absl::FormatDuration(absl::FromChrono(duration));
  return text == "0" ? "0s" : text;
}

absl::StatusOr<ListenAddress> ParseListen(std::string_view text) {
  const size_t colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  const auto port = colon == std::string_view::npos ? std::nullopt : ParseInt(text.substr(colon + 1));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!port || *port < 0 || *port > 65535 || host.empty() ||
      (!bracketed && host.find_first_of(":[]/ ") != std::string_view::npos)) {
    return Invalid(text, "is no address to listen on: write host:port such as 127.0.0.1:8090 or [::1]:8090");
  }
  return ListenAddress{std::string(bracketed ? host.substr(1, host.size() - 2) : host),
                       static_cast<int>(*port)};
}

absl::Status StoreValue(const Setting& setting, const std::vector<std::string>& values,
                        SettingTarget target) {
  if (const auto* list = std::get_if<std::vector<std::string>& (*)(SettingTarget&)>(&setting.field)) {
    return StoreList(setting, values, (*list)(target));
  }
  const std::string value = setting.kind == SettingKind::kAdapterNames ? Joined(values)
                            : values.size() == 1                       ? values[0]
                                                                       : "";
  if (values.size() != 1 && setting.kind != SettingKind::kAdapterNames) {
    return absl::InvalidArgumentError("is a list, but takes one value");
  }
  switch (setting.kind) {
    case SettingKind::kInteger: {
      ASSIGN_OR_RETURN(const int number, CheckedInteger(value, setting.allowed));
      std::get<int& (*)(SettingTarget&)>(setting.field)(target) = number;
      return absl::OkStatus();
    }
    case SettingKind::kBool:
      if (value != "true" && value != "false") {
        return Invalid(value, "is neither true nor false");
      }
      std::get<bool& (*)(SettingTarget&)>(setting.field)(target) = value == "true";
      return absl::OkStatus();
    case SettingKind::kDuration: {
      ASSIGN_OR_RETURN(const Duration duration, CheckedDuration(value, setting.allowed));
      std::get<Duration& (*)(SettingTarget&)>(setting.field)(target) = duration;
      return absl::OkStatus();
    }
    default:
      RETURN_IF_ERROR(CheckText(setting, value));
      std::get<std::string& (*)(SettingTarget&)>(setting.field)(target) = value;
      return absl::OkStatus();
  }
}

std::string ValueText(const Setting& setting, SettingTarget target) {
  struct Show {
    SettingTarget& target;
    std::string operator()(std::string& (*field)(SettingTarget&)) const { return field(target); }
    std::string operator()(int& (*field)(SettingTarget&)) const { return std::to_string(field(target)); }
    std::string operator()(bool& (*field)(SettingTarget&)) const { return field(target) ? "true" : "false"; }
    std::string operator()(Duration& (*field)(SettingTarget&)) const { return FormatDuration(field(target)); }
    std::string operator()(std::vector<std::string>& (*field)(SettingTarget&)) const {
      return Joined(field(target));
    }
  };
  return std::visit(Show{target}, setting.field);
}

}  // namespace dispatcher
