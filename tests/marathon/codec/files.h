// The recorded and constructed inputs under tests/data, with what is expected of
// each in a file beside it. UPDATE_EXPECTED=1 writes those anew, to be read as a
// diff before it is committed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace dispatcher {

inline std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  INFO("cannot read " << path.string());
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Files of a folder under tests/data with this extension, sorted; never none.
inline std::vector<std::filesystem::path> DataFiles(const std::string& folder, const std::string& extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(TEST_DATA) / folder)) {
    if (entry.path().extension() == extension) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  return files;
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

// Compares line by line with FILE.expected.
inline void CheckExpected(std::filesystem::path file, const std::string& actual) {
  file += ".expected";
  if (std::getenv("UPDATE_EXPECTED") != nullptr) {
    std::ofstream(file, std::ios::binary) << actual;
  }
  const auto want = Lines(ReadWhole(file));
  const auto have = Lines(actual);
  CAPTURE(file.string());
  CHECK(have.size() == want.size());
  for (size_t i = 0; i < std::min(have.size(), want.size()); ++i) {
    INFO("line " << i + 1);
    CHECK(have[i] == want[i]);
  }
}

}  // namespace dispatcher
