// JSON, read through a typed view and written by appending.
//
// nlohmann/json sits behind this header in json.cc and nowhere else, and there
// only its parser: its values cost seconds of compile time per unit, several times
// the memory and time of the small nodes here, and they convert silently (3.99 to
// 3, true to 1, -1 to 4294967295). Here a value of another type is simply not there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/base/status.h"

namespace dispatcher {

// A value inside a JsonDocument, which must outlive it. Cheap to copy.
// A view of nothing (absent key, index past the end) is legal everywhere and
// answers like null, so that chains need no checks: v["a"]["b"].String().
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(const void* node) : node_(node) {}

  bool exists() const { return node_ != nullptr; }
  bool IsNull() const;  // null, or not there
  bool IsObject() const;
  bool IsArray() const;

  // The member of an object, else a view of nothing. Of doubled keys the last.
  JsonView operator[](std::string_view key) const;
  // Elements of an array or members of an object; 0 for all else.
  size_t size() const;
  JsonView At(size_t index) const;

  // The value if it has exactly that type. Int takes whole doubles (3.0) and
  // refuses the rest, also what does not fit. Double takes any number; integers
  // beyond int64_t are held as doubles.
  std::optional<std::string_view> String() const;
  std::optional<int64_t> Int() const;
  std::optional<double> Double() const;
  std::optional<bool> Bool() const;

  std::string StringOr(std::string_view fallback) const;
  int64_t IntOr(int64_t fallback) const { return Int().value_or(fallback); }
  bool BoolOr(bool fallback) const { return Bool().value_or(fallback); }

  // Each element of an array, in order; nothing for all else.
  void ForEach(absl::FunctionRef<void(JsonView)> visit) const;
  // Each member of an object, sorted by key; nothing for all else.
  void ForEachMember(absl::FunctionRef<void(std::string_view, JsonView)> visit) const;

  // Compact text, keys sorted, invalid UTF-8 replaced. Not for deep values.
  std::string Dump() const;

  // "object", "array", "string", "number", "boolean", "null" or "nothing".
  std::string_view TypeName() const;

 private:
  const void* node_ = nullptr;
};

class JsonDocument {
 public:
  // InvalidArgument with the byte (counted from 1) where `text` is not JSON or is nested
  // deeper than `max_depth`, or if it holds more than four million values, each of which
  // takes many times the memory of the "0," that it may be written as; the message never quotes the text,
  // which may hold a secret.
  static absl::StatusOr<JsonDocument> Parse(std::string_view text, int max_depth = 64);

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonView root() const;

 private:
  struct Impl;
  explicit JsonDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Writes compact JSON front to back. The caller keeps the nesting right (checked
// by assert); commas and escapes are put in here. Invalid UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Double(double value);  // shortest exact form; infinite or not a number: null
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // A value that is JSON already; put in as it is.
  JsonWriter& Raw(std::string_view json);

  // Key and value in one.
  JsonWriter& Field(std::string_view key, std::string_view value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, const char* value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, const std::string& value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, const SharedString& value) { return Key(key).String(value); }
  JsonWriter& Field(std::string_view key, int64_t value) { return Key(key).Int(value); }
  JsonWriter& Field(std::string_view key, int value) { return Key(key).Int(value); }
  JsonWriter& Field(std::string_view key, uint64_t value) {
    return Key(key).Int(static_cast<int64_t>(value));
  }
  JsonWriter& Field(std::string_view key, uint16_t value) { return Key(key).Int(value); }
  JsonWriter& Field(std::string_view key, bool value) { return Key(key).Bool(value); }
  JsonWriter& Field(std::string_view key, double value) { return Key(key).Double(value); }

  const std::string& text() const { return text_; }
  // Leaves an empty writer, ready for the next value.
  std::string Take();

 private:
  void Separate();
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char opened, char bracket);

  std::string text_;
  std::string open_;   // the brackets not yet closed
  bool first_ = true;  // no comma before what comes next
};

}  // namespace dispatcher
