#include "dispatcher/commands/adoptee.h"

#include <optional>
#include <set>
#include <vector>

#include "adapters/publish.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/commands/lock_holder.h"

namespace dispatcher {
namespace {

constexpr std::string_view kUsualTag = "marathon";

absl::Status Unknown(std::string_view text) {
  const std::vector<std::string> words = {"allegro", "owner", "scripts"};
  const auto nearest = Nearest(text.substr(0, text.find(':')), words);
  const std::string hint =
      nearest ? "did you mean " + *nearest + (*nearest == "owner" ? ":OLD" : "") + "? It may be"
              : "it may be";
  return Error(absl::StatusCode::kInvalidArgument, "--adopt \"", text, "\" is not known; ", hint,
               ": allegro, allegro:TAG, owner:OLD, scripts");
}

}  // namespace

absl::StatusOr<Adoptee> ParseAdoptee(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  const std::string whose(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  const bool plain = colon == std::string_view::npos;
  if (text == "scripts") {
    return Adoptee{Maker::kScripts, ""};
  }
  if (word == "allegro" && (plain || !whose.empty())) {
    return Adoptee{Maker::kAllegro, plain ? std::string(kUsualTag) : whose};
  }
  if (word != "owner" || plain) {
    return Unknown(text);
  }
  if (const absl::Status status = CheckOwner(whose); !status.ok()) {
    return Annotate(status, "--adopt");
  }
  return Adoptee{Maker::kOwner, whose};
}

absl::Status MayAdopt(const Adoptee& adoptee, const Settings& settings, bool dry_run) {
  if (adoptee.from != Maker::kOwner) {
    return absl::OkStatus();
  }
  if (adoptee.whose == settings.owner) {
    return Error(absl::StatusCode::kInvalidArgument, "--adopt owner:", adoptee.whose,
                 " names the present owner: say the one that it was before, and set owner to the new one");
  }
  if (dry_run) {
    return absl::OkStatus();
  }
  for (const std::string& key : std::set<std::string>{settings.leader.key, LeaderSettings().key}) {
    Settings asked = settings;
    asked.leader.key = key;
    const absl::StatusOr<std::optional<Holder>> holder = HolderOfLock(asked);
    if (holder.ok() && holder->has_value() && (*holder)->owner == adoptee.whose) {
      return Error(absl::StatusCode::kFailedPrecondition, TextOf(**holder), " leads with owner \"",
                   adoptee.whose, "\" (the lock ", key,
                   ") and would put back what is taken from it: stop all dispatchers of that owner first; a "
                   "lock is left by one that was killed after twice leader.ttl");
    }
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
