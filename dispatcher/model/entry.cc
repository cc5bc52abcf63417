#include "dispatcher/model/entry.h"

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// The size goes in first, or {"a": "bc"} and {"ab": "c"} would be the same.
uint64_t Mix(uint64_t hash, std::string_view text) {
  char size[8];
  for (int i = 0; i < 8; ++i) {
    size[i] = static_cast<char>(text.size() >> (8 * i));
  }
  return Fnv1a(text, Fnv1a({size, sizeof(size)}, hash));
}

}  // namespace

uint64_t Entry::Fingerprint() const {
  uint64_t hash = Fnv1a("");
  hash = Mix(hash, service.app);
  hash = Mix(hash, std::to_string(service.port));
  hash = Mix(hash, task);
  for (const auto& [key, value] : fields) {
    hash = Mix(hash, key);
    hash = Mix(hash, value);
  }
  return hash;
}

}  // namespace dispatcher
