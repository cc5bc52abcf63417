// What a source of settings says: put this there. Read from the file (yaml_file.h)
// or from variables and the command line (overrides.h), put together by load.cc.
#pragma once

#include <string>
#include <vector>

namespace dispatcher {

struct Assignment {
  enum class Source { kFile, kEnvironment, kCommandLine };
  Source source = Source::kFile;
  std::vector<std::string> path;    // {"marathon", "urls"}
  std::vector<std::string> values;  // one, or a list's
  bool empty_map = false;           // "consul: {}": names an adapter and sets nothing
  std::string place;  // for people: "/etc/dispatcher.yaml:3", a variable's name, "--set marathon.urls"
};

// "marathon.urls"
inline std::string KeyText(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) {
    text.append(text.empty() ? "" : ".").append(part);
  }
  return text;
}

}  // namespace dispatcher
