#include "dispatcher/net/sent_secrets.h"

#include <algorithm>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr size_t kShortest = 4;
constexpr std::string_view kHidden = "(hidden)";

bool CarriesSecret(std::string_view name) {
  const std::string lower = Lower(name);
  return lower == "authorization" || lower.ends_with("token") || lower.ends_with("key");
}

}  // namespace

SentSecrets::SentSecrets(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (!CarriesSecret(name)) {
      continue;
    }
    Add(value);
    const std::string_view rest =
        std::string_view(value).substr(std::min(value.find_first_of(" =") + 1, value.size()));
    Add(rest);
    if (const auto decoded = FromBase64(rest); value.starts_with("Basic ") && decoded) {
      Add(*decoded);
      Add(std::string_view(*decoded).substr(decoded->find(':') + 1));
    }
  }
  std::sort(known_.begin(), known_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void SentSecrets::Add(std::string_view secret) {
  const std::string json = JsonWriter().String(secret).Take();
  for (const std::string& form :
       {std::string(secret), json.substr(1, json.size() - 2), PercentEncode(secret)}) {
    if (form.size() >= kShortest && std::find(known_.begin(), known_.end(), form) == known_.end()) {
      known_.push_back(form);
    }
  }
}

void SentSecrets::Hide(std::string& text) const {
  for (const std::string& secret : known_) {
    for (size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kHidden.size())) {
      text.replace(at, secret.size(), kHidden);
    }
  }
}

}  // namespace dispatcher
