#include "dispatcher/base/status.h"

namespace dispatcher {

absl::Status Annotate(const absl::Status& status, std::string_view where) {
  if (status.ok()) {
    return status;
  }
  std::string_view message = Message(status);
  // "http://h:1/path: http://h:1: can't connect" says it twice.
  if (const size_t end = message.find(": "); message.starts_with("http") && end != std::string_view::npos &&
                                             where.find(message.substr(0, end)) != std::string_view::npos) {
    message.remove_prefix(end + 2);
  }
  return Error(status.code(), where, ": ", message);
}

std::string Text(const absl::Status& status) {
  if (status.ok()) {
    return "OK";
  }
  std::string text = absl::StatusCodeToString(status.code());
  text.append(": ").append(Message(status));
  return text;
}

bool IsTransient(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

}  // namespace dispatcher
