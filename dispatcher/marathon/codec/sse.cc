#include "dispatcher/marathon/codec/sse.h"

#include <algorithm>

namespace dispatcher {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// A buffer that grew beyond this for one heavy event is given back after it.
constexpr size_t kKeepCapacity = 1 << 20;

void Empty(std::string& buffer) {
  if (buffer.capacity() > kKeepCapacity) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

}  // namespace

void SseParser::Feed(std::string_view bytes, absl::FunctionRef<void(const SseEvent&)> visit) {
  size_t i = 0;
  while (bom_matched_ < kByteOrderMark.size() && i < bytes.size()) {
    if (bytes[i] == kByteOrderMark[bom_matched_]) {
      ++bom_matched_;
      ++i;
      continue;
    }
    if (bom_matched_ > 0) {
      Keep(kByteOrderMark.substr(0, bom_matched_));
    }
    bom_matched_ = kByteOrderMark.size();
  }

  size_t line_feed = 0;  // the next one at or after i, looked for once
  bool looked = false;
  while (i < bytes.size()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes[i] == '\n') {
        ++i;
        continue;
      }
    }
    if (!looked || line_feed < i) {
      line_feed = std::min(bytes.find('\n', i), bytes.size());
      looked = true;
    }
    const size_t end = std::min(bytes.substr(0, line_feed).find('\r', i), line_feed);
    const std::string_view part = bytes.substr(i, end - i);
    if (end == bytes.size()) {
      Keep(part);
      return;
    }
    after_cr_ = bytes[end] == '\r';
    if (in_line_) {
      Keep(part);
      in_line_ = false;
      Line(line_, visit);
      Empty(line_);
    } else {
      Line(part, visit);
    }
    i = end + 1;
  }
}

void SseParser::Reset() {
  Clear();
  Empty(line_);
  in_line_ = false;
  after_cr_ = false;
  line_too_long_ = false;
  bom_matched_ = 0;
}

void SseParser::Keep(std::string_view part) {
  in_line_ = true;
  if (line_too_long_ || line_.size() + part.size() > limits_.max_line) {
    line_too_long_ = true;
    line_.clear();
  } else {
    line_.append(part);
  }
}

void SseParser::Line(std::string_view line, absl::FunctionRef<void(const SseEvent&)> visit) {
  if (line_too_long_ || line.size() > limits_.max_line) {
    line_too_long_ = false;
    skipping_ = true;
    Empty(data_);
    return;
  }
  if (line.empty()) {
    Blank(visit);
    return;
  }
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (name == "event") {
    type_ = value;
  } else if (name == "data" && !skipping_) {
    if (data_.size() + (has_data_ ? 1 : 0) + value.size() > limits_.max_event) {
      skipping_ = true;
      Empty(data_);
      return;
    }
    if (has_data_) {
      data_.push_back('\n');
    }
    data_.append(value);
    has_data_ = true;
  }
}

void SseParser::Blank(absl::FunctionRef<void(const SseEvent&)> visit) {
  if (skipping_) {
    visit({type_, {}, true});
  } else if (!data_.empty()) {
    visit({type_, data_, false});
  } else {
    ++heartbeats_;
  }
  Clear();
}

void SseParser::Clear() {
  Empty(data_);
  Empty(type_);
  has_data_ = false;
  skipping_ = false;
}

}  // namespace dispatcher
