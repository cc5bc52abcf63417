// Cuts a JSON document that arrives in pieces into the elements of one array, so
// that a large answer never exists as a whole: {"apps":[{...},{...}]}.
//
// It checks as much syntax as it needs to be sure where an element ends (strings,
// escapes, kinds and depth of brackets, the commas and colons outside elements);
// what is inside an element is for its decoder to check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/status.h"

namespace dispatcher {

struct SplitElement {
  std::string_view text;   // valid during the call; if `oversized` only its beginning, good for SalvageId
  size_t position = 0;     // of its first byte in the document
  bool oversized = false;  // larger than allowed and lost
};

class ArraySplitter {
 public:
  // Elements of the array under the top-level `key`; "": the document itself is
  // the array (/v2/pods/::status). Other keys are skipped, whatever they hold.
  explicit ArraySplitter(std::string_view key, size_t max_element = 4 << 20);

  // Calls `visit` for each element that ends within `piece`. Holds at most one
  // unfinished element. InvalidArgument with the byte position where the document
  // can't be JSON, or is nested deeper than 64; every later call gives the same.
  absl::Status Feed(std::string_view piece, absl::FunctionRef<void(const SplitElement&)> visit);

  // The document is closed properly and had the array in it.
  bool complete() const { return Finish().ok(); }
  // The same with the reason: the error of Feed; Unavailable if it is cut off;
  // InvalidArgument if it is whole and has no such key.
  absl::Status Finish() const;

  size_t elements() const { return elements_; }  // handed over, oversized ones too
  size_t position() const { return position_; }  // bytes fed

 private:
  // Where we are outside of values that are passed over or handed on as a whole.
  enum class At : uint8_t {
    kStart,
    kKeyOrEnd,
    kKey,
    kInKey,
    kColon,
    kValue,
    kAfterValue,
    kElementOrEnd,
    kElement,
    kAfterElement,
    kEnd,
  };

  size_t Outside(std::string_view piece, size_t i);
  size_t Inside(std::string_view piece, size_t i, absl::FunctionRef<void(const SplitElement&)> visit);
  void BeginValue(char c, size_t i, bool element);
  void EndValue(std::string_view piece, size_t end, absl::FunctionRef<void(const SplitElement&)> visit);
  void Keep(std::string_view part);
  void Fail(size_t i, std::string_view what);

  const std::string key_;
  const size_t max_element_;
  absl::Status error_;
  At at_ = At::kStart;
  bool wanted_key_ = false;  // the key just read is ours
  bool found_ = false;       // the array has been entered
  bool inside_ = false;      // within a value
  bool scalar_ = false;      // that value is a number, true, false or null
  bool in_string_ = false;
  bool escaped_ = false;
  bool element_ = false;  // that value is an element, else one to skip
  bool oversized_ = false;
  int depth_ = 0;
  uint64_t kinds_ = 0;   // bit d: bracket at depth d is [, else {
  std::string held_;     // what earlier pieces held of this element, or of a key
  size_t begin_ = 0;     // of the value in the current piece
  size_t started_ = 0;   // of the value in the document
  size_t position_ = 0;  // bytes of earlier pieces
  size_t elements_ = 0;
};

}  // namespace dispatcher
