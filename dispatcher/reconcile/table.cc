#include "dispatcher/reconcile/table.h"

#include <algorithm>

#include "dispatcher/base/status.h"
#include "dispatcher/base/strings.h"

namespace dispatcher::reconcile {

uint32_t Names::Intern(std::string_view name) {
  const auto [it, added] = numbers_.try_emplace(std::string(name), static_cast<uint32_t>(names_.size()));
  if (added) {
    names_.emplace_back(name);
  }
  return it->second;
}

Table::Table() : index_(0, Hash{this}, Equal{this}) {}

size_t Table::Hash::operator()(const Key& key) const {
  return absl::HashOf(key.lane, key.kind, ToAbsl(key.id));
}

// Only a bucket: whoever walks a chain compares the address itself.
uint64_t Table::AddressKey(std::string_view address) { return Fnv1a(address); }

SlotId Table::Find(LaneId lane, uint16_t kind, std::string_view id) const {
  const auto it = index_.find(Key{lane, kind, id});
  return it == index_.end() ? kNone : *it;
}

SlotId Table::Get(LaneId lane, uint16_t kind, std::string_view id) {
  if (const SlotId found = Find(lane, kind, id); found != kNone) {
    return found;
  }
  SlotId slot = static_cast<SlotId>(slots_.size());
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  slots_[slot].lane = lane;
  slots_[slot].kind = kind;
  slots_[slot].text = id;
  slots_[slot].id_size = slots_[slot].address_at = static_cast<uint32_t>(id.size());
  index_.insert(slot);
  return slot;
}

void Table::Free(SlotId slot) {
  Unchain(slot);
  index_.erase(slot);
  slots_[slot] = Slot{};
  slots_[slot].lane = kNone;
  free_.push_back(slot);
}

void Table::SetText(SlotId slot, std::string_view task, std::string_view address) {
  Slot& s = slots_[slot];
  if (s.task() == task && s.address() == address) {
    return;
  }
  s.ended = s.ended && s.task() == task;
  Unchain(slot);
  const size_t inside = task.empty() ? 0 : s.id().find(task);
  const std::string_view more = inside == std::string_view::npos ? task : std::string_view();
  std::string text;
  text.reserve(s.id_size + more.size() + address.size());
  text.append(s.id()).append(more).append(address);
  s.text = text;
  s.task_at = more.empty() ? static_cast<uint32_t>(inside) : s.id_size;
  s.task_size = static_cast<uint32_t>(task.size());
  s.address_at = static_cast<uint32_t>(s.id_size + more.size());
  Chain(slot);
}

void Table::Unchain(SlotId slot) {
  const std::string_view address = slots_[slot].address();
  if (address.empty()) {
    return;
  }
  const auto head = by_address_.find(AddressKey(address));
  if (head->second == slot) {
    if (slots_[slot].next_same_address == kNone) {
      by_address_.erase(head);
    } else {
      head->second = slots_[slot].next_same_address;
    }
  } else {
    SlotId before = head->second;
    while (slots_[before].next_same_address != slot) {
      before = slots_[before].next_same_address;
    }
    slots_[before].next_same_address = slots_[slot].next_same_address;
  }
  slots_[slot].next_same_address = kNone;
}

void Table::Chain(SlotId slot) {
  if (slots_[slot].address().empty()) {
    return;
  }
  const auto [head, first] = by_address_.try_emplace(AddressKey(slots_[slot].address()), slot);
  if (!first) {
    slots_[slot].next_same_address = head->second;
    head->second = slot;
  }
}

void Table::AddClaimant(SlotId slot, ServiceId service) {
  if (slots_[slot].claimant == kNone) {
    slots_[slot].claimant = service;
  } else if (slots_[slot].claimant != service) {
    std::vector<ServiceId>& more = more_claimants_[slot];
    if (std::find(more.begin(), more.end(), service) == more.end()) {
      more.push_back(service);
    }
  }
}

void Table::RemoveClaimant(SlotId slot, ServiceId service) {
  const auto more = more_claimants_.find(slot);
  if (more == more_claimants_.end()) {
    if (slots_[slot].claimant == service) {
      slots_[slot].claimant = kNone;
    }
    return;
  }
  if (slots_[slot].claimant == service) {
    slots_[slot].claimant = more->second.back();
    more->second.pop_back();
  } else {
    std::erase(more->second, service);
  }
  if (more->second.empty()) {
    more_claimants_.erase(more);
  }
}

}  // namespace dispatcher::reconcile
