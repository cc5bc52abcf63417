#include "tests/schedule/digest.h"

#include <functional>
#include <iterator>

#include "absl/container/btree_set.h"

namespace dispatcher::schedule {
namespace {

// Which positions and numbers there are.
class Ranks : public Inventory {
 public:
  void Seq(uint64_t seq) override { seqs_.insert(seq); }
  void Read(uint64_t number) override { reads_.insert(number); }
  void Number(int64_t) override {}
  void Text(std::string_view) override {}
  int64_t OfSeq(uint64_t seq) const { return std::distance(seqs_.begin(), seqs_.find(seq)); }
  int64_t OfRead(uint64_t number) const { return std::distance(reads_.begin(), reads_.find(number)); }

 private:
  absl::btree_set<uint64_t> seqs_ = {0}, reads_ = {0};  // 0 stands for none
};

// All that is listed, as one number.
class Hash : public Inventory {
 public:
  explicit Hash(const Ranks& ranks) : ranks_(ranks) {}
  void Seq(uint64_t seq) override { Number(ranks_.OfSeq(seq)); }
  void Read(uint64_t number) override { Number(ranks_.OfRead(number)); }
  void Number(int64_t value) override { Add(static_cast<uint64_t>(value) + 0x9e3779b97f4a7c15ULL); }
  void Text(std::string_view text) override { Add(std::hash<std::string_view>()(text) ^ text.size()); }
  uint64_t value() const { return value_; }

 private:
  void Add(uint64_t part) {
    value_ = (value_ ^ part) * 0xff51afd7ed558ccdULL;
    value_ ^= value_ >> 32;
  }
  const Ranks& ranks_;
  uint64_t value_ = 0;
};

}  // namespace

uint64_t DigestOf(absl::FunctionRef<void(Inventory&)> list) {
  Ranks ranks;
  list(ranks);
  Hash hash(ranks);
  list(hash);
  return hash.value();
}

}  // namespace dispatcher::schedule
