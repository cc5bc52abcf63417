#include "tests/vulcand_model/faults.h"

namespace dispatcher::testing {

absl::Status VulcandFaults::Merge(JsonView object) {
  VulcandFaults merged = object["reset"].BoolOr(false) ? VulcandFaults{} : *this;
  absl::Status status = object.IsObject() ? absl::OkStatus() : absl::InvalidArgumentError("not an object");
  object.ForEachMember([&](std::string_view key, JsonView value) {
    const auto number = [&](std::string_view name, int& field) {
      const bool fits = key == name && value.Int().has_value();
      field = fits ? static_cast<int>(*value.Int()) : field;
      return fits;
    };
    bool known = number("slow_ms", merged.slow_ms) || number("fail_reads", merged.fail_reads) ||
                 number("fail_writes", merged.fail_writes) || number("lose_answers", merged.lose_answers) ||
                 number("lose_writes", merged.lose_writes) || number("cut_reads", merged.cut_reads) ||
                 number("odd_reads", merged.odd_reads) || number("late_ms", merged.late_ms) ||
                 (key == "reset" && value.Bool().has_value());
    const auto flag = [&](std::string_view name, bool& field) {
      const bool fits = key == name && value.Bool().has_value();
      field = fits ? *value.Bool() : field;
      return fits;
    };
    known = known || flag("hold_writes", merged.hold_writes) ||
            flag("lose_half_of_writes", merged.lose_half_of_writes);
    if (!known) {
      status = Error(absl::StatusCode::kInvalidArgument, "\"", key, "\" is no fault, or has another type");
    }
  });
  if (status.ok()) {
    *this = merged;
  }
  return status;
}

}  // namespace dispatcher::testing
