#include "dispatcher/marathon/codec/splitter.h"

#include <algorithm>
#include <array>

namespace dispatcher {
namespace {

constexpr int kMaxDepth = 64;  // as many as `kinds_` has bits
// No key of ours is longer; what comes after it of a key need not be kept.
constexpr size_t kMaxKey = 256;

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Bytes inside a value but outside its strings at which something happens.
constexpr auto kStructural = [] {
  std::array<bool, 256> table{};
  for (const unsigned char c : {'"', '{', '}', '[', ']'}) {
    table[c] = true;
  }
  return table;
}();
bool IsStructural(char c) { return kStructural[static_cast<unsigned char>(c)]; }

}  // namespace

ArraySplitter::ArraySplitter(std::string_view key, size_t max_element)
    : key_(key), max_element_(max_element) {}

absl::Status ArraySplitter::Feed(std::string_view piece, absl::FunctionRef<void(const SplitElement&)> visit) {
  begin_ = 0;
  for (size_t i = 0; i < piece.size() && error_.ok();) {
    i = inside_ ? Inside(piece, i, visit) : Outside(piece, i);
  }
  if (inside_ && element_ && error_.ok()) {
    Keep(piece.substr(begin_));
  }
  position_ += piece.size();
  return error_;
}

absl::Status ArraySplitter::Finish() const {
  if (!error_.ok() || (at_ == At::kEnd && found_)) {
    return error_;
  }
  if (at_ != At::kEnd) {
    return Error(absl::StatusCode::kUnavailable, "the answer is cut off after ", std::to_string(position_),
                 " bytes");
  }
  return Error(absl::StatusCode::kInvalidArgument, "the answer has no \"", key_, "\"");
}

// Handles the byte at i, which belongs to the frame around the values; gives the
// index to go on with.
size_t ArraySplitter::Outside(std::string_view piece, size_t i) {
  const char c = piece[i];
  if (at_ == At::kInKey) {
    if (c != '"' || escaped_) {
      escaped_ = c == '\\' && !escaped_;
      if (held_.size() < kMaxKey) {
        held_.push_back(c);
      }
    } else {
      wanted_key_ = held_ == key_;
      held_.clear();
      at_ = At::kColon;
    }
    return i + 1;
  }
  if (IsBlank(c)) {
    return i + 1;
  }
  switch (at_) {
    case At::kStart:
      if (c != (key_.empty() ? '[' : '{')) {
        Fail(i, key_.empty() ? "expected [" : "expected {");
      }
      found_ = key_.empty();
      at_ = key_.empty() ? At::kElementOrEnd : At::kKeyOrEnd;
      return i + 1;
    case At::kKeyOrEnd:
    case At::kKey:
      if (c == '"') {
        at_ = At::kInKey;
      } else if (c == '}' && at_ == At::kKeyOrEnd) {
        at_ = At::kEnd;
      } else {
        Fail(i, "expected a key");
      }
      return i + 1;
    case At::kColon:
      if (c != ':') {
        Fail(i, "expected a colon");
      }
      at_ = At::kValue;
      return i + 1;
    case At::kValue:
      if (!wanted_key_) {
        at_ = At::kAfterValue;
        BeginValue(c, i, false);
        return i;
      }
      if (c != '[' || found_) {
        Fail(i, found_ ? "the array is there twice" : "expected an array");
      }
      found_ = true;
      at_ = At::kElementOrEnd;
      return i + 1;
    case At::kElementOrEnd:
    case At::kElement:
      if (c == ']' && at_ == At::kElementOrEnd) {
        at_ = key_.empty() ? At::kEnd : At::kAfterValue;
        return i + 1;
      }
      at_ = At::kAfterElement;
      BeginValue(c, i, true);
      return i;
    case At::kAfterElement:
    case At::kAfterValue: {
      const bool element = at_ == At::kAfterElement;
      if (c == ',') {
        at_ = element ? At::kElement : At::kKey;
      } else if (c == (element ? ']' : '}')) {
        at_ = element && !key_.empty() ? At::kAfterValue : At::kEnd;
      } else {
        Fail(i, "expected a comma or the end");
      }
      return i + 1;
    }
    case At::kInKey:
    case At::kEnd:
      break;
  }
  Fail(i, "something comes after the end");
  return i + 1;
}

void ArraySplitter::BeginValue(char c, size_t i, bool element) {
  const bool scalar = c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
  if (!scalar && c != '"' && c != '{' && c != '[') {
    Fail(i, "expected a value");
    return;
  }
  inside_ = true;
  scalar_ = scalar;
  element_ = element;
  depth_ = 0;
  begin_ = i;
  started_ = position_ + i;
}

// Goes on in a value from i to its end or the piece's; gives the index behind it.
size_t ArraySplitter::Inside(std::string_view piece, size_t i,
                             absl::FunctionRef<void(const SplitElement&)> visit) {
  const size_t size = piece.size();
  while (i < size) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
        ++i;
        continue;
      }
      while (i < size && piece[i] != '"' && piece[i] != '\\') {
        ++i;
      }
      if (i == size) {
        break;
      }
      if (piece[i++] == '\\') {
        escaped_ = true;
        continue;
      }
      in_string_ = false;
      if (depth_ == 0) {
        EndValue(piece, i, visit);
        return i;
      }
    } else if (scalar_) {
      const char c = piece[i];
      if (c == ',' || c == ']' || c == '}' || IsBlank(c)) {
        EndValue(piece, i, visit);
        return i;
      }
      if (IsStructural(c) || c == ':') {
        Fail(i, "expected the end of a number or word");
        return i;
      }
      ++i;
    } else {
      while (i < size && !IsStructural(piece[i])) {
        ++i;
      }
      if (i == size) {
        break;
      }
      const char c = piece[i];
      if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        if (depth_ == kMaxDepth) {
          Fail(i, "nested too deep");
          return i;
        }
        const uint64_t bit = uint64_t{1} << depth_++;
        kinds_ = c == '[' ? kinds_ | bit : kinds_ & ~bit;
      } else {
        const bool array = (kinds_ >> --depth_ & 1) != 0;
        if (array != (c == ']')) {
          Fail(i, "the wrong bracket");
          return i;
        }
        if (depth_ == 0) {
          EndValue(piece, i + 1, visit);
          return i + 1;
        }
      }
      ++i;
    }
  }
  return i;
}

void ArraySplitter::EndValue(std::string_view piece, size_t end,
                             absl::FunctionRef<void(const SplitElement&)> visit) {
  inside_ = false;
  if (!element_) {
    return;
  }
  ++elements_;
  const std::string_view part = piece.substr(begin_, end - begin_);
  if (held_.empty() && part.size() <= max_element_) {
    visit({part, started_, false});
    return;
  }
  Keep(part);
  visit({held_, started_, oversized_});
  held_.clear();
  oversized_ = false;
}

void ArraySplitter::Keep(std::string_view part) {
  const size_t room = max_element_ - held_.size();
  held_.append(part.substr(0, room));
  oversized_ = oversized_ || part.size() > room;
}

void ArraySplitter::Fail(size_t i, std::string_view what) {
  error_ = Error(absl::StatusCode::kInvalidArgument, "the answer is not JSON at byte ",
                 std::to_string(position_ + i), ": ", what);
}

}  // namespace dispatcher
