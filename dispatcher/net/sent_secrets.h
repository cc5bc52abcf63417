// The secrets that go out with a request, and their removal from what comes back: a
// server, or a proxy on the way, may repeat them in a refusal, which is logged and shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/net/http.h"

namespace dispatcher {

class SentSecrets {
 public:
  // Those in the headers whose names are Authorization or end in "token" or "key": the
  // value as a whole, without its scheme, and what Basic encodes; each as it is, as JSON
  // writes it, and percent-encoded.
  explicit SentSecrets(const HttpHeaders& headers);

  // Each of them in `text` becomes "(hidden)". Those of fewer than 4 bytes stay: they
  // are parts of ordinary words.
  void Hide(std::string& text) const;

 private:
  void Add(std::string_view secret);

  std::vector<std::string> known_;  // the longest first
};

}  // namespace dispatcher
