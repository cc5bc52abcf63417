#include "adapters/vulcand/engine.h"

#include <algorithm>
#include <numeric>

#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"

namespace dispatcher {
namespace {

// Deletes come without an entry where nothing is known of what is there.
int RankOf(std::string_view kind) {
  constexpr std::string_view kKinds[] = {kBackendKind, kServerKind, kFrontendKind, kListenerKind};
  return static_cast<int>(std::find(std::begin(kKinds), std::end(kKinds), kind) - std::begin(kKinds));
}

std::vector<size_t> SafeOrder(std::span<const Change> changes) {
  const auto place = [&](size_t i) {
    const int rank = RankOf(changes[i].id.kind);
    return changes[i].op == Op::kPut ? rank : 8 - rank;
  };
  std::vector<size_t> order(changes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return place(a) < place(b); });
  return order;
}

}  // namespace

void InRounds(std::span<const Change> changes, const std::vector<absl::Status>& results,
              absl::FunctionRef<void(const std::vector<size_t>&)> write) {
  std::vector<size_t> round = SafeOrder(changes);
  for (size_t before = round.size() + 1; !round.empty() && round.size() < before;) {
    before = round.size();
    write(round);
    std::erase_if(
        round, [&](size_t i) { return changes[i].id.kind != kFrontendKind || !absl::IsAborted(results[i]); });
  }
}

absl::Status CheckOwn(std::string_view owner, const EntryId& id) {
  const auto [object, server] = SplitServerId(id.id);
  const bool is_server = id.kind == kServerKind;
  if (ParseVulcandId(owner, object).has_value() &&
      (is_server ? ParseVulcandServerId(server).has_value() : server.empty())) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kInvalidArgument, id.kind, " ", id.id, " is not ours");
}

bool IsSilent(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace dispatcher
