#include "dispatcher/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <memory>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr spdlog::level::level_enum kSpdLevel[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
constexpr std::string_view kLevelName[] = {"debug", "info", "warning", "error"};

// The process has one stderr, hence one of these. The sink is synchronous: lines
// are there when Log returns, none is dropped, and none is left at the end.
struct Output {
  Output() : logger("dispatcher", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::info);
  }
  spdlog::logger logger;
  std::atomic<bool> json{false};
};

Output& TheOutput() {
  static Output output;
  return output;
}

bool NamesSecret(std::string_view key) {
  const std::string lower = Lower(key);
  for (const std::string_view end : {"token", "password", "secret"}) {
    if (lower.ends_with(end)) {
      return true;
    }
  }
  return false;
}

// Values stand bare where nobody can mistake their end, else as JSON strings.
void AppendText(std::string_view value, std::string& line) {
  const bool bare = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
  });
  if (bare) {
    line.append(value);
  } else {
    line.append(JsonWriter().String(value).text());
  }
}

using Fields = std::vector<const LogField*>;

std::string_view Shown(const LogField& field) {
  return NamesSecret(field.key) ? std::string_view("(hidden)") : std::string_view(field.value);
}

std::string TextLine(std::string_view time, std::string_view level, std::string_view message,
                     const Fields& fields) {
  std::string line;
  line.append(time).append(" ").append(level).append(" ");
  // The message as a JSON string without its quotes: what breaks a line is escaped.
  const std::string quoted = JsonWriter().String(message).Take();
  line.append(quoted, 1, quoted.size() - 2);
  for (const LogField* field : fields) {
    line.append(" ").append(field->key).append("=");
    AppendText(Shown(*field), line);
  }
  return line;
}

std::string JsonLine(std::string_view time, std::string_view level, std::string_view message,
                     const Fields& fields) {
  JsonWriter line;
  line.BeginObject().Field("time", time).Field("level", level).Field("message", message);
  for (const LogField* field : fields) {
    line.Field(field->key, Shown(*field));
  }
  return line.EndObject().Take();
}

void Write(LogLevel level, std::string_view message, const Fields& fields) {
  Output& output = TheOutput();
  const size_t index = static_cast<size_t>(level);
  if (!output.logger.should_log(kSpdLevel[index])) {
    return;
  }
  for ([[maybe_unused]] const LogField* field : fields) {
    assert(!NamesSecret(field->key) && "a secret must not reach the log");
  }
  const std::string time = FormatTimestamp(SystemClock().Wall());
  const std::string line = output.json.load(std::memory_order_relaxed)
                               ? JsonLine(time, kLevelName[index], message, fields)
                               : TextLine(time, kLevelName[index], message, fields);
  output.logger.log(kSpdLevel[index], spdlog::string_view_t(line.data(), line.size()));
}

template <typename List>
Fields Pointers(const List& fields) {
  Fields pointers;
  for (const LogField& field : fields) {
    pointers.push_back(&field);
  }
  return pointers;
}

}  // namespace

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Write(level, message, Pointers(fields));
}

void Log(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  Write(level, message, Pointers(fields));
}

bool LogShows(LogLevel level) { return TheOutput().logger.should_log(kSpdLevel[static_cast<size_t>(level)]); }

absl::Status ConfigureLog(std::string_view level, std::string_view format) {
  spdlog::level::level_enum chosen = spdlog::level::off;
  if (level != "off") {
    const auto* const found = std::find(std::begin(kLevelName), std::end(kLevelName), level);
    if (found == std::end(kLevelName)) {
      return Error(absl::StatusCode::kInvalidArgument, "log level \"", level,
                   "\": use debug, info, warning, error or off");
    }
    chosen = kSpdLevel[found - std::begin(kLevelName)];
  }
  if (format != "text" && format != "json") {
    return Error(absl::StatusCode::kInvalidArgument, "log format \"", format, "\": use text or json");
  }
  TheOutput().logger.set_level(chosen);
  TheOutput().json = format == "json";
  return absl::OkStatus();
}

LogChoice ChosenLog() {
  const Output& output = TheOutput();
  const auto* const found = std::find(std::begin(kSpdLevel), std::end(kSpdLevel), output.logger.level());
  return {std::string(found == std::end(kSpdLevel) ? "off" : kLevelName[found - std::begin(kSpdLevel)]),
          output.json ? "json" : "text"};
}

void FailureLog::Failed(const absl::Status& status, std::initializer_list<LogField> fields) {
  ++failures_;
  if (failures_ != 1 && failures_ % 10 != 0) {
    return;
  }
  const LogField error("error", status);
  const LogField count("failures", failures_);
  Fields all = Pointers(fields);
  all.insert(all.end(), {&error, &count});
  Write(LogLevel::kWarning, what_ + " failed", all);
}

void FailureLog::Succeeded(std::initializer_list<LogField> fields) {
  if (failures_ == 0) {
    return;
  }
  const LogField count("failures", failures_);
  Fields all = Pointers(fields);
  all.push_back(&count);
  Write(LogLevel::kInfo, what_ + " works again", all);
  failures_ = 0;
}

}  // namespace dispatcher
