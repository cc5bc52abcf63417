// The word after `sync --adopt`: whose entries are to be taken over.
#pragma once

#include <string>
#include <string_view>

#include "adapters/adoption.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"

namespace dispatcher {

struct Adoptee {
  Maker from = Maker::kScripts;
  std::string whose;  // as in AdoptionRequest
};

// "scripts", "allegro", "allegro:TAG", "owner:OLD". InvalidArgument names the nearest and
// lists them all.
absl::StatusOr<Adoptee> ParseAdoptee(std::string_view text);

// Not OK if it is the settings' own owner, or one of whom a dispatcher still leads: that one
// would put back what is taken from it. It is looked for at leader.key and at that setting's
// default; where no lock can be seen, nobody is there. A dry run needs no such look.
absl::Status MayAdopt(const Adoptee& adoptee, const Settings& settings, bool dry_run);

}  // namespace dispatcher
