// Every entry that is wanted or there, compactly: 60,000 of them in under 15 MB.
// What an entry should look like is rendered again when it is written; here stand
// only its identity, what the plan and the brake ask about it, and fingerprints.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "dispatcher/base/shared_string.h"
#include "dispatcher/model/entry.h"

namespace dispatcher::reconcile {

using SlotId = uint32_t;
using ServiceId = uint32_t;
using LaneId = uint32_t;
inline constexpr uint32_t kNone = UINT32_MAX;

enum class Presence : uint8_t {
  kAbsent,
  kPresent,
  kMaybe,  // a put or a delete of it ended without a word
};

struct Slot {
  // Id, then task and address of what is there (else of what is wanted). A task
  // that is a part of the id, as it nearly always is, stands there alone.
  SharedString text;
  uint32_t id_size = 0;
  uint32_t task_at = 0;
  uint32_t task_size = 0;
  uint32_t address_at = 0;
  uint64_t fingerprint = 0;    // of what is there
  ServiceId service = kNone;   // that what is there belongs to
  ServiceId claimant = kNone;  // a service that wants it; more of them in Table::Claimants
  LaneId lane = 0;
  uint32_t seen = 0;                             // the last read of the lane that showed it
  uint32_t touched = 0;                          // the read of the lane during which it was written
  uint32_t lane_at = kNone, service_at = kNone;  // places in the lists that hold it
  SlotId next_same_address = kNone;
  uint16_t kind = 0;
  uint16_t framework = 0;  // 0: none
  uint8_t rank = 0;
  Presence presence = Presence::kAbsent;
  bool content_unknown = false;  // there, but a put ended without a word: any fingerprint is wrong
  bool in_flight = false;
  bool fresh = false;  // wanted differently since it was last written: an event's doing
  bool found = false;  // it was as it is when the registry was first read
  bool ended = false;  // its task was listed as ended for good; so it stays when it is listed no more
  uint32_t since = 0;  // what is there is so since then, in seconds of Mono

  std::string_view id() const { return text.view().substr(0, id_size); }
  std::string_view task() const { return text.view().substr(task_at, task_size); }
  std::string_view address() const { return text.view().substr(address_at); }
  bool structure() const { return task_size == 0; }
  bool there() const { return presence != Presence::kAbsent; }
};

// Names as small numbers; number 0 is "".
class Names {
 public:
  Names() { Intern(""); }
  uint32_t Intern(std::string_view name);
  const std::string& Name(uint32_t number) const { return names_[number]; }

 private:
  std::deque<std::string> names_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

// Slots with their index by id and by address. Owns no policy.
class Table {
 public:
  Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  Slot& operator[](SlotId slot) { return slots_[slot]; }
  const Slot& operator[](SlotId slot) const { return slots_[slot]; }

  SlotId Find(LaneId lane, uint16_t kind, std::string_view id) const;  // kNone if there is none
  // The slot of that id, made if there is none.
  SlotId Get(LaneId lane, uint16_t kind, std::string_view id);
  // Forgets a slot that nobody wants and that is not there.
  void Free(SlotId slot);

  // Whose task and which address the slot stands for.
  void SetText(SlotId slot, std::string_view task, std::string_view address);

  void AddClaimant(SlotId slot, ServiceId service);
  void RemoveClaimant(SlotId slot, ServiceId service);
  template <typename Visit>
  void Claimants(SlotId slot, Visit visit) const {
    if (slots_[slot].claimant == kNone) {
      return;
    }
    visit(slots_[slot].claimant);
    if (auto more = more_claimants_.find(slot); more != more_claimants_.end()) {
      for (ServiceId service : more->second) {
        visit(service);
      }
    }
  }

  // Every other slot with the same address, not "".
  template <typename Visit>
  void SameAddress(SlotId slot, Visit visit) const {
    const std::string_view address = slots_[slot].address();
    if (address.empty()) {
      return;
    }
    const auto chain = by_address_.find(AddressKey(address));
    for (SlotId s = chain == by_address_.end() ? kNone : chain->second; s != kNone;
         s = slots_[s].next_same_address) {
      if (s != slot && slots_[s].address() == address) {
        visit(s);
      }
    }
  }

  size_t size() const { return index_.size(); }
  // For loops over everything; freed slots have lane == kNone.
  SlotId end() const { return static_cast<SlotId>(slots_.size()); }

 private:
  struct Key {
    LaneId lane;
    uint16_t kind;
    std::string_view id;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    using is_transparent = void;
    const Table* table;
    size_t operator()(const Key& key) const;
    size_t operator()(SlotId slot) const { return (*this)(table->KeyOf(slot)); }
  };
  struct Equal {
    using is_transparent = void;
    const Table* table;
    bool operator()(SlotId a, SlotId b) const { return a == b; }
    bool operator()(const Key& a, SlotId b) const { return a == table->KeyOf(b); }
    bool operator()(SlotId a, const Key& b) const { return table->KeyOf(a) == b; }
  };
  Key KeyOf(SlotId slot) const { return {slots_[slot].lane, slots_[slot].kind, slots_[slot].id()}; }
  static uint64_t AddressKey(std::string_view address);
  void Unchain(SlotId slot);
  void Chain(SlotId slot);

  std::deque<Slot> slots_;  // a slot never moves
  std::vector<SlotId> free_;
  absl::flat_hash_set<SlotId, Hash, Equal> index_;
  absl::flat_hash_map<uint64_t, SlotId> by_address_;
  absl::flat_hash_map<SlotId, std::vector<ServiceId>> more_claimants_;
};

}  // namespace dispatcher::reconcile
