#include "dispatcher/reconcile/telling.h"

#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/model/names.h"
#include "dispatcher/reconcile/state.h"

namespace dispatcher {

using namespace reconcile;

namespace {

constexpr Duration kSoon = std::chrono::seconds(1), kAtLast = std::chrono::seconds(10);
// Above so many apps there is one line for all.
constexpr size_t kAppsTold = 10;
// Entries of a service's structure that are named.
constexpr size_t kNamed = 5;

constexpr Deed kDeeds[] = {Deed::kRegistered, Deed::kChanged, Deed::kRemoved};

std::string Together(Deed deed, size_t entries, const std::string& of) {
  return std::string(Name(KindOf(deed))) + " " + Count(entries, "entry", "entries") + of +
         ", too many at once to tell apart";
}

bool SameStructure(const Written& a, const Written& b) {
  return a.deed == b.deed && a.told == b.told && b.change.entry->task.empty() &&
         a.change.entry->service == b.change.entry->service;
}

}  // namespace

NoteKind KindOf(Deed deed) {
  switch (deed) {
    case Deed::kRegistered:
      return NoteKind::kRegistered;
    case Deed::kChanged:
      return NoteKind::kChanged;
    case Deed::kRemoved:
      break;
  }
  return NoteKind::kRemoved;
}

std::string Describe(const Change& change) {
  const std::string& address = change.entry->address;
  return change.id.kind + " " + (address.empty() ? change.id.id : address) +
         (change.reason.empty() ? "" : ": ") + change.reason;
}

bool Telling::Apart(Mono now) {
  if (apart_.Room(now) == 0) {
    return false;
  }
  apart_.Take(1);
  return true;
}

void Telling::Add(Deed deed, const SharedString& app, Mono now) {
  if (together_.empty()) {
    begun_ = now;
  }
  ++together_[app].of[static_cast<size_t>(deed)];
}

std::optional<Mono> Telling::DueAt(bool writing) const {
  return together_.empty() ? std::nullopt : std::optional(begun_ + (writing ? kAtLast : kSoon));
}

std::vector<Note> Telling::Take() {
  std::vector<Note> notes;
  const absl::btree_map<SharedString, Counts> together = std::exchange(together_, {});
  for (const Deed deed : kDeeds) {
    size_t entries = 0, apps = 0;
    for (const auto& [app, counts] : together) {
      const size_t count = counts.of[static_cast<size_t>(deed)];
      entries += count;
      apps += count > 0 ? 1 : 0;
      if (count > 0 && together.size() <= kAppsTold) {
        notes.push_back({KindOf(deed), app, "", Together(deed, count, "")});
      }
    }
    if (entries > 0 && together.size() > kAppsTold) {
      notes.push_back({KindOf(deed), "", "", Together(deed, entries, " of " + Count(apps, "app", "apps"))});
    }
  }
  return notes;
}

void Reconciler::Impl::Tell(std::vector<Written>& written, Mono now) {
  for (size_t i = 0; i < written.size();) {
    const size_t first = i++;
    const Entry& entry = *written[first].change.entry;
    const Deed deed = written[first].deed;
    while (entry.task.empty() && i < written.size() && SameStructure(written[first], written[i])) {
      ++i;
    }
    if (written[first].told) {
      continue;
    }
    if (!telling.Apart(now)) {
      for (size_t k = first; k < i; ++k) {
        telling.Add(deed, entry.service.app, now);
      }
      continue;
    }
    std::string text(Name(KindOf(deed)));
    for (size_t k = first; k < std::min(i, first + kNamed); ++k) {
      text += (k == first ? " " : ", ") + (i - first == 1
                                               ? Describe(written[k].change)
                                               : written[k].change.id.kind + " " + written[k].change.id.id);
    }
    if (i - first > kNamed) {
      text += " and " + std::to_string(i - first - kNamed) + " more";
    }
    if (i - first > 1 && !written[first].change.reason.empty()) {
      text += ": " + written[first].change.reason;
    }
    for (size_t k = first; k < i; ++k) {
      written[k].told = true;
    }
    notes.push_back({KindOf(deed), entry.service.app, entry.task, std::move(text), entry.address});
  }
}

void Reconciler::Impl::TellDue(Mono now) {
  if (const std::optional<Mono> due = telling.DueAt(IsWriting()); due && *due <= now) {
    for (Note& note : telling.Take()) {
      notes.push_back(std::move(note));
    }
  }
}

void Reconciler::TellRest() { impl_->TellDue(Mono::max()); }

}  // namespace dispatcher
