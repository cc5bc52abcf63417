// A JSON object while it is being taken apart: asks for members by type, and
// remembers the first that was wrong with the path to it. Inside of codec only.
//
// Errors go to one status, so that a decoder reads like the shape it decodes and
// asks once at its end. A JsonFields looks at its parent, which must outlive it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"

namespace dispatcher {

class JsonFields {
 public:
  // `kind` and `name` begin every message: "app /web: tasks[0]: id is missing".
  JsonFields(std::string_view kind, std::string_view name, JsonView object, absl::Status& error)
      : object_(object), error_(error), kind_(kind), name_(name) {}

  JsonView operator[](std::string_view key) const { return object_[key]; }
  bool Has(std::string_view key) const { return !object_[key].IsNull(); }

  // A text that must be there and not be empty.
  std::string Need(std::string_view key) const;
  // The rest may be absent or null, which gives "", the fallback or nothing.
  std::string Text(std::string_view key) const;
  int Int(std::string_view key, int fallback) const;
  std::optional<int> MaybeInt(std::string_view key) const;
  bool Bool(std::string_view key, bool fallback) const;
  // 0 also for a text that is no time stamp.
  WallMs Stamp(std::string_view key) const;
  // A host's name; the words that Marathon has for "none" are "".
  std::string Host(std::string_view key) const;
  // A port number, 0 to 65535; 0 if there is none.
  int Port(std::string_view key) const;
  // Port numbers; a null among them is an error, as it shifts the rest.
  std::vector<int> Ports(std::string_view key) const;
  // [{"ipAddress": "10.0.0.1", "protocol": "IPv4"}] as texts.
  std::vector<std::string> Addresses(std::string_view key) const;
  // An object's members that are texts: labels that mean something here (model/labels.h), or
  // variables SERVICE_*. What else there is may be secret, and is not kept.
  std::map<std::string, std::string> Labels(std::string_view key) const;
  std::map<std::string, std::string> Variables(std::string_view key) const;

  // The object under `key`; of nothing, if there is none.
  JsonFields Child(std::string_view key) const;
  // Each object of the array under `key`; nulls are passed over.
  void Each(std::string_view key, absl::FunctionRef<void(const JsonFields&)> visit) const;

  void Fail(std::string_view key, std::string_view what) const;
  const absl::Status& error() const { return error_; }

 private:
  JsonFields(const JsonFields* parent, std::string_view key, size_t index, JsonView object)
      : object_(object), error_(parent->error_), parent_(parent), kind_(key), index_(index) {}
  std::string Path() const;

  static constexpr size_t kNoIndex = SIZE_MAX;
  JsonView object_;
  absl::Status& error_;
  const JsonFields* parent_ = nullptr;
  std::string_view kind_;  // of a child: its key
  std::string_view name_;
  size_t index_ = kNoIndex;
};

}  // namespace dispatcher
