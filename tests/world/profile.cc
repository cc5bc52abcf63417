#include "tests/world/profile.h"

namespace dispatcher::world {

absl::StatusOr<Profile> Profile::Parse(std::string_view name) {
  // 1.1.1 is the last that wrote "type" where all later ones write "action".
  static const Profile all[] = {{"1.1", "1.1.1", 1},   {"1.3", "1.3.14", 3},  {"1.4", "1.4.13", 4},
                                {"1.6", "1.6.322", 6}, {"1.8", "1.8.180", 8}, {"1.10", "1.10.26", 10}};
  for (const Profile& profile : all) {
    if (profile.name == name) {
      return profile;
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, "there is no profile \"", name,
               "\": one of 1.1, 1.3, 1.4, 1.6, 1.8, 1.10");
}

}  // namespace dispatcher::world
