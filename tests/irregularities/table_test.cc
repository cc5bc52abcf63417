// The table in README.md names every irregularity once, in the words of its test.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace dispatcher::irregularities {
namespace {

const std::string kTests = std::string(TEST_DATA) + "/../";

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(kTests + path).rdbuf();
  return text.str();
}

// The cells of "| a | b |", without the blanks around them.
std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  for (size_t at = 2, end; (end = row.find(" |", at)) != std::string::npos; at = end + 3) {
    cells.push_back(row.substr(at, end - at));
  }
  return cells;
}

TEST_CASE("the table of irregularities has 57 rows, and each its test") {
  std::istringstream table(Contents("irregularities/README.md"));
  int rows = 0;
  for (std::string line; std::getline(table, line);) {
    if (!line.starts_with("| ") || line.starts_with("| #")) {
      continue;
    }
    INFO(line);
    ++rows;
    const std::vector<std::string> cells = Cells(line);
    REQUIRE(cells.size() == 5);
    CHECK(cells[0] == std::to_string(rows));
    CHECK_FALSE(cells[2].empty());
    CHECK_FALSE(cells[3].empty());
    const std::string file = cells[4].substr(1, cells[4].size() - 2);  // without its back-quotes
    const std::string test = "TEST_CASE(\"irregularity " + cells[0] + ": " + cells[1] + "\")";
    CHECK(Contents(file).find(test) != std::string::npos);
  }
  CHECK(rows == 57);
}

}  // namespace
}  // namespace dispatcher::irregularities
