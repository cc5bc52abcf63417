// A case for every registry.
#pragma once

#include <memory>
#include <string>

#include "tests/contract/subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {

// A section for each of the subjects whose name `chosen` takes. `body` gets the subject and
// its maker's name; one that can't be had here is skipped with a warning.
template <typename Chosen, typename Body>
void OnEachOf(Chosen chosen, Body body) {
  for (const SubjectMaker& maker : Subjects()) {
    if (!chosen(maker.name)) {
      continue;
    }
    DYNAMIC_SECTION(maker.name) {
      std::string why;
      const std::unique_ptr<Subject> subject = maker.make(why);
      if (subject == nullptr) {
        WARN("skipped: " << why);
        continue;
      }
      body(*subject, maker.name);
    }
  }
}

// On all of them; `body` gets the subject and an owner that no other case has.
template <typename Body>
void OnEach(Body body) {
  OnEachOf([](const std::string&) { return true; },
           [&](Subject& subject, const std::string&) { body(subject, FreshOwner()); });
}

}  // namespace dispatcher::testing
