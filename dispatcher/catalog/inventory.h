// Every fact that a catalog holds, in a fixed order: two catalogs that list the same
// do the same from then on. What cannot matter any more is not listed: how often a
// string is shared, or what follows from the rest.
//
// Positions in the inbox and numbers of reads are only ever compared with each
// other, so they are listed apart: whoever compares states replaces them by their
// rank.
#pragma once

#include <cstdint>
#include <string_view>

namespace dispatcher {

class Inventory {
 public:
  virtual ~Inventory() = default;
  virtual void Seq(uint64_t seq) = 0;
  virtual void Read(uint64_t number) = 0;
  virtual void Number(int64_t value) = 0;
  virtual void Text(std::string_view text) = 0;
};

struct AppFacts;
void List(const AppFacts& facts, Inventory& to);

}  // namespace dispatcher
