// One object in a registry, and one change to it.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "dispatcher/base/clock.h"
#include "dispatcher/model/ids.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

// Where an object lives. `lane` is "" or the part of the registry that can fail
// alone (a Consul agent's host).
struct EntryId {
  std::string lane;
  std::string kind;  // the adapter's own word: "service", "backend", "server" ...
  std::string id;    // unique within lane and kind
  auto operator<=>(const EntryId&) const = default;
};

// What is written and compared. Sorted, so that equal content is equal text.
using Fields = std::map<std::string, std::string>;

struct Entry {
  EntryId id;
  uint8_t rank = 0;       // creation order: lower first; deletion the other way round
  ServiceKey service;     // app "" if it can't be told (an orphan)
  TaskId task;            // "" for structure
  std::string address;    // host:port the entry sends traffic to; "" for structure
  std::string framework;  // Marathon framework id it was written under; "" if it carries none
  Fields fields;
  std::string extra;  // for Write alone: what can't be read back; no part of the fingerprint

  // Equal fingerprints mean nothing to write. Covers fields, service and task.
  uint64_t Fingerprint() const;
};

// "" if it has no such field.
inline std::string_view FieldOf(const Entry& entry, const char* key) {
  const auto found = entry.fields.find(key);
  return found == entry.fields.end() ? std::string_view() : std::string_view(found->second);
}

enum class Op : uint8_t { kPut, kDelete };

struct Change {
  Op op = Op::kPut;
  EntryId id;
  std::shared_ptr<const Entry> entry;  // kPut: what to write; kDelete: what is there, as far as known
  Why why = Why::kEvent;
  Mono since{};  // receipt of the fact behind it; zero: none (full pass)
  std::string reason;
  bool held = false;   // in a plan: a removal that the brake holds back, for the reason
  bool there = false;  // in a plan: a put of what is there already, but not as it should be
};

}  // namespace dispatcher
