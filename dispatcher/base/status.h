// absl::Status, spoken with std::string_view.
//
// Debian's Abseil has its own string_view type that does not convert from or to
// the standard one (options.h fixes it at 0). Our interfaces take
// std::string_view; this header is the only bridge.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dispatcher {

inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }

// A Status of `code` whose message is the parts in a row.
template <typename... Parts>
absl::Status Error(absl::StatusCode code, const Parts&... parts) {
  std::string text;
  (text.append(std::string_view(parts)), ...);
  return absl::Status(code, text);
}

// The same error with `where: ` before its message, a URL in both said once; OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view where);

inline std::string_view Message(const absl::Status& status) { return ToStd(status.message()); }

// "UNAVAILABLE: connection refused", for people.
std::string Text(const absl::Status& status);

// What a failed call asks for (DESIGN of the adapters, see adapters/README.md):
// true  the same call may succeed later: Unavailable, DeadlineExceeded, Aborted,
//       Unknown, ResourceExhausted, Internal, Cancelled
// false something must change first.
bool IsTransient(const absl::Status& status);

}  // namespace dispatcher

#define DISPATCHER_CONCAT_(a, b) a##b
#define DISPATCHER_CONCAT(a, b) DISPATCHER_CONCAT_(a, b)

// return an error to the caller, go on otherwise
#define RETURN_IF_ERROR(expr)                           \
  do {                                                  \
    if (absl::Status status_ = (expr); !status_.ok()) { \
      return status_;                                   \
    }                                                   \
  } while (false)

// ASSIGN_OR_RETURN(auto x, MakeX());
#define ASSIGN_OR_RETURN(declaration, expr) \
  ASSIGN_OR_RETURN_(DISPATCHER_CONCAT(status_or_, __LINE__), declaration, expr)
#define ASSIGN_OR_RETURN_(holder, declaration, expr) \
  auto holder = (expr);                              \
  if (!holder.ok()) {                                \
    return holder.status();                          \
  }                                                  \
  declaration = *std::move(holder)
