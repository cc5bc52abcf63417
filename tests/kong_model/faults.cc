#include "tests/kong_model/faults.h"

#include <map>

namespace dispatcher::kong_model {

absl::Status Faults::Merge(JsonView object, bool& lose_data, bool& restart) {
  const std::map<std::string_view, int*> numbers = {{"slow_ms", &slow_ms},
                                                    {"fail_writes", &fail_writes},
                                                    {"fail_reads", &fail_reads},
                                                    {"status", &status},
                                                    {"cut_reads", &cut_reads},
                                                    {"bad_reads", &bad_reads},
                                                    {"lose_answers", &lose_answers},
                                                    {"lose_writes", &lose_writes},
                                                    {"routes_late_ms", &routes_late_ms}};
  const std::map<std::string_view, bool*> flags = {{"deny", &deny},
                                                   {"hold", &hold},
                                                   {"lose_half_of_writes", &lose_half_of_writes},
                                                   {"lose_data", &lose_data},
                                                   {"restart", &restart}};
  absl::Status status_of_merge;
  object.ForEachMember([&](std::string_view key, JsonView value) {
    if (const auto number = numbers.find(key); number != numbers.end() && value.Int()) {
      *number->second = static_cast<int>(*value.Int());
    } else if (const auto flag = flags.find(key); flag != flags.end() && value.Bool()) {
      *flag->second = *value.Bool();
    } else {
      status_of_merge = Error(absl::StatusCode::kInvalidArgument, "no such fault, or of another type: ", key);
    }
  });
  return status_of_merge;
}

}  // namespace dispatcher::kong_model
