#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include "dispatcher/base/json.h"

namespace dispatcher {
namespace {

// Bytes that a JSON string holds as they are.
constexpr std::array<bool, 256> MakePlain() {
  std::array<bool, 256> plain{};
  for (size_t i = 0x20; i < 0x80; ++i) {
    plain[i] = i != '"' && i != '\\';
  }
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlain();

// Length of the well-formed UTF-8 sequence at the head of `text`, 0 if there is
// none (Unicode 15, table 3-7: no overlong forms, no surrogates).
size_t Utf8Length(std::string_view text) {
  const auto byte = [text](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto follows = [&byte](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF) {
    return follows(1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return byte(1) >= low && byte(1) <= high && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return byte(1) >= low && byte(1) <= high && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void AppendEscape(uint8_t byte, std::string& out) {
  switch (byte) {
    case '"':
      out.append("\\\"");
      break;
    case '\\':
      out.append("\\\\");
      break;
    case '\n':
      out.append("\\n");
      break;
    case '\r':
      out.append("\\r");
      break;
    case '\t':
      out.append("\\t");
      break;
    default:
      out.append("\\u00");
      out.push_back("0123456789abcdef"[byte >> 4]);
      out.push_back("0123456789abcdef"[byte & 15]);
  }
}

void AppendQuoted(std::string_view text, std::string& out) {
  out.push_back('"');
  size_t from = 0;
  size_t at = 0;
  while (at < text.size()) {
    const uint8_t byte = static_cast<uint8_t>(text[at]);
    if (kPlain[byte]) {
      ++at;
      continue;
    }
    const size_t sequence = byte < 0x80 ? 0 : Utf8Length(text.substr(at, 4));
    if (sequence > 0) {
      at += sequence;
      continue;
    }
    out.append(text, from, at - from);
    if (byte < 0x80) {
      AppendEscape(byte, out);
    } else {
      out.append("\xEF\xBF\xBD");
    }
    from = ++at;
  }
  out.append(text, from, at - from);
  out.push_back('"');
}

template <typename Number>
void AppendNumber(Number value, std::string& out) {
  char digits[32];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof(digits), value);
  out.append(digits, result.ptr);
}

}  // namespace

void JsonWriter::Separate() {
  assert((first_ || !open_.empty()) && "one JSON value only");
  if (!first_) {
    text_.push_back(',');
  }
  first_ = false;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  text_.push_back(bracket);
  open_.push_back(bracket);
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::Close([[maybe_unused]] char opened, char bracket) {
  assert(!open_.empty() && open_.back() == opened && "another bracket is open");
  text_.push_back(bracket);
  open_.pop_back();
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::BeginObject() { return Open('{'); }
JsonWriter& JsonWriter::EndObject() { return Close('{', '}'); }
JsonWriter& JsonWriter::BeginArray() { return Open('['); }
JsonWriter& JsonWriter::EndArray() { return Close('[', ']'); }

JsonWriter& JsonWriter::Key(std::string_view key) {
  assert(!open_.empty() && open_.back() == '{' && "a key outside an object");
  Separate();
  AppendQuoted(key, text_);
  text_.push_back(':');
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendQuoted(value, text_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  AppendNumber(value, text_);
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) {
    return Null();
  }
  Separate();
  AppendNumber(value, text_);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) { return Raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::Null() { return Raw("null"); }

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  text_.append(json);
  return *this;
}

std::string JsonWriter::Take() {
  assert(open_.empty() && "an open bracket is left");
  first_ = true;
  return std::exchange(text_, {});
}

}  // namespace dispatcher
