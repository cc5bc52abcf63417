// One line a decision: a constant message and fields.
//
// spdlog is behind log.cc. Callers never pass a secret: a field whose key ends in
// "token", "password" or "secret" fails an assert in debug builds and shows
// "(hidden)" in others. Whatever bytes a message or a value holds, it stays one line.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "dispatcher/base/status.h"

namespace dispatcher {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// key=value; the value is text already.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const absl::Status& v) : key(k), value(Text(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <typename Number>
  requires std::is_arithmetic_v<Number> LogField(std::string_view k, Number v)
      : key(k), value(std::to_string(v)) {}
  std::string_view key;
  std::string value;
};

// Thread-safe. Lines go to stderr, whole, in the order of the calls.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
void Log(LogLevel level, std::string_view message, const std::vector<LogField>& fields);

inline void LogDebug(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kDebug, m, f);
}
inline void LogInfo(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kInfo, m, f);
}
inline void LogWarning(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kWarning, m, f);
}
inline void LogError(std::string_view m, std::initializer_list<LogField> f = {}) {
  Log(LogLevel::kError, m, f);
}

// Whether a line of that level would be written: saves making one that nobody sees. Any thread.
bool LogShows(LogLevel level);

// level: debug, info, warning, error, off. format: text or json (one object a
// line: time, level, message, then the fields, their values as strings).
// Before the first call: info, text. InvalidArgument names what is allowed. Any thread.
absl::Status ConfigureLog(std::string_view level, std::string_view format);

// What is in force, in the same words. Any thread.
struct LogChoice {
  std::string level, format;
};
LogChoice ChosenLog();

// Says the first failure, every tenth, and the recovery. Not thread-safe; one per
// thing that can fail.
class FailureLog {
 public:
  explicit FailureLog(std::string what) : what_(std::move(what)) {}
  void Failed(const absl::Status& status, std::initializer_list<LogField> fields = {});
  void Succeeded(std::initializer_list<LogField> fields = {});
  uint64_t failures() const { return failures_; }

 private:
  std::string what_;
  uint64_t failures_ = 0;
};

}  // namespace dispatcher
