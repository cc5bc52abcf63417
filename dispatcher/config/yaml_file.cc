#include "dispatcher/config/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace dispatcher {
namespace {

class Walk {
 public:
  explicit Walk(const std::string& file) : file_(file) {}

  absl::Status Map(const YAML::Node& map) {
    std::set<std::string> seen;
    for (const auto& member : map) {
      RETURN_IF_ERROR(Member(member.first, member.second, seen));
    }
    return absl::OkStatus();
  }

  std::vector<Assignment> Take() { return std::move(found_); }

 private:
  absl::Status Member(const YAML::Node& key, const YAML::Node& value, std::set<std::string>& seen) {
    if (!key.IsScalar()) {
      return At(key, "has a key that is not plain text");
    }
    path_.push_back(key.Scalar());
    if (!seen.insert(path_.back()).second) {
      return At(key, "stands here a second time");
    }
    RETURN_IF_ERROR(Value(key, value));
    path_.pop_back();
    return absl::OkStatus();
  }

  absl::Status Value(const YAML::Node& key, const YAML::Node& value) {
    switch (value.Type()) {
      case YAML::NodeType::Scalar:
        return Add(key, {value.Scalar()});
      case YAML::NodeType::Sequence:
        return List(key, value);
      case YAML::NodeType::Map:
        if (value.size() > 0) {
          return Map(value);
        }
        RETURN_IF_ERROR(Add(key, {}));
        found_.back().empty_map = true;
        return absl::OkStatus();
      default:
        return At(key, "has no value: write one, {} for an empty block, or leave the key out");
    }
  }

  // A list of maps that name themselves is a map under these names.
  absl::Status Named(const YAML::Node& list) {
    std::set<std::string> seen;
    for (const auto& item : list) {
      const YAML::Node name = item.IsMap() ? item["name"] : YAML::Node();
      if (!name.IsDefined() || !name.IsScalar() || name.Scalar().empty()) {
        return At(item, "is a list in which each item needs a `name`");
      }
      path_.push_back(name.Scalar());
      if (!seen.insert(path_.back()).second) {
        return At(name, "stands here a second time");
      }
      std::set<std::string> members;
      for (const auto& member : item) {
        if (!member.first.IsScalar() || member.first.Scalar() != "name") {
          RETURN_IF_ERROR(Member(member.first, member.second, members));
        }
      }
      path_.pop_back();
    }
    return absl::OkStatus();
  }

  absl::Status List(const YAML::Node& key, const YAML::Node& list) {
    if (list.size() > 0 && list[0].IsMap()) {
      return Named(list);
    }
    std::vector<std::string> values;
    for (const auto& item : list) {
      if (!item.IsScalar()) {
        return At(key, "is a list of something that is not plain text");
      }
      values.push_back(item.Scalar());
    }
    return Add(key, std::move(values));
  }

  absl::Status Add(const YAML::Node& key, std::vector<std::string> values) {
    Assignment assignment;
    assignment.path = path_;
    assignment.values = std::move(values);
    assignment.place = Place(key);
    found_.push_back(std::move(assignment));
    return absl::OkStatus();
  }

  std::string Place(const YAML::Node& node) const {
    return file_ + ":" + std::to_string(node.Mark().line + 1);
  }

  absl::Status At(const YAML::Node& node, std::string_view problem) const {
    return Error(absl::StatusCode::kInvalidArgument, Place(node), ": ", KeyText(path_), " ", problem);
  }

  const std::string& file_;
  std::vector<std::string> path_;
  std::vector<Assignment> found_;
};

}  // namespace

absl::StatusOr<std::vector<Assignment>> ParseYaml(std::string_view text, const std::string& file) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    Walk walk(file);
    if (root.IsNull()) {
      return walk.Take();
    }
    if (!root.IsMap()) {
      return Error(absl::StatusCode::kInvalidArgument, file,
                   ":1: is no map of settings: write lines such as \"owner: dispatcher\"");
    }
    RETURN_IF_ERROR(walk.Map(root));
    return walk.Take();
  } catch (const YAML::Exception& error) {
    return Error(absl::StatusCode::kInvalidArgument, file, ":", std::to_string(error.mark.line + 1),
                 ": is not YAML: ", error.msg);
  }
}

absl::StatusOr<std::vector<Assignment>> ReadYamlFile(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    // An empty file sets failbit on `text`, and is fine.
    if (!stream || stream.bad()) {
      return Error(absl::StatusCode::kNotFound, file, ": can't be read: ", std::strerror(errno));
    }
  }
  return ParseYaml(text.str(), file);
}

}  // namespace dispatcher
