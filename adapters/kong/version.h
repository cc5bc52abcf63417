// What a Kong of some version can do. Sources: Kong's own changelog and sources of
// the tags named, and recordings of 0.14.1, 2.8.5 and 3.9.3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace dispatcher {

struct KongVersion {
  int major = 0, minor = 0, patch = 0;
  bool dbless = false;  // `database = off`: its configuration is one document

  // "0.14.1", "3.4.3.1", "0.36-2-enterprise-edition"; nullopt for what is no version.
  static std::optional<KongVersion> Parse(std::string_view text);
  std::string Text() const;

  bool AtLeast(int a, int b, int c = 0) const {
    return std::tuple(major, minor, patch) >= std::tuple(a, b, c);
  }

  bool HasUpstreams() const { return AtLeast(0, 10); }
  bool HasHostLists() const { return AtLeast(0, 10); }  // before: one request_host, one request_path
  bool HasServices() const { return AtLeast(0, 13); }   // before: /apis
  bool HasTags() const { return AtLeast(1, 1); }
  bool ListsTargetHistory() const { return !AtLeast(0, 12); }
  bool DeletesTargets() const { return AtLeast(0, 10, 1); }    // before: a new row of weight 0
  bool UpdatesTargets() const { return AtLeast(2, 2); }        // before: each POST is a new row
  bool HidesIdleTargets() const { return !AtLeast(2, 4, 1); }  // weight 0 is not listed
};

}  // namespace dispatcher
