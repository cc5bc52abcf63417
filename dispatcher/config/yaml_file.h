// The configuration file. The only room-mate of yaml-cpp, whose exceptions end in
// yaml_file.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/config/assignment.h"

namespace dispatcher {

// One assignment a leaf, in the file's order. Errors name "file:line": NotFound for
// a file that can't be read; InvalidArgument for text that is not YAML, a top level
// that is no map, a doubled key, a key without a value, a list of anything but
// plain values or maps with a `name` (which are read as a map under these names).
// What the keys mean is not looked at. `file` is only used in places.
absl::StatusOr<std::vector<Assignment>> ParseYaml(std::string_view text, const std::string& file);
absl::StatusOr<std::vector<Assignment>> ReadYamlFile(const std::string& file);

}  // namespace dispatcher
