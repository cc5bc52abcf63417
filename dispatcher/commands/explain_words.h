// How explain puts things.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "dispatcher/base/json.h"

namespace dispatcher {

// "  label: text", or nothing without a text.
inline void Line(std::ostream& out, std::string_view indent, std::string_view label,
                 const std::string& text) {
  if (!text.empty()) {
    out << indent << label << ": " << text << "\n";
  }
}

// A time that has passed: "40 s", "3 min", "7 h".
inline std::string Lasting(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  return whole < 120    ? std::to_string(whole) + " s"
         : whole < 7200 ? std::to_string(whole / 60) + " min"
                        : std::to_string(whole / 3600) + " h";
}

// `app`: whose it is, where that is not said already.
inline void PrintDecision(JsonView decision, const std::string& app, std::ostream& out) {
  out << decision["at"].StringOr("") << " " << decision["source"].StringOr("") << " ";
  const std::string task = decision["task"].StringOr("");
  const std::string& about = task.empty() ? app : task;
  out << about << (about.empty() ? "" : " ") << decision["text"].StringOr("") << "\n";
}

}  // namespace dispatcher
