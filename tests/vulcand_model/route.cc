#include "tests/vulcand_model/route.h"

#include <algorithm>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

// Cuts the first blank-free token or literal off; "" at the end or where there is none.
std::string_view Word(std::string_view& text) {
  text = Trim(text);
  size_t end = 0;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) {
    ++end;
  }
  const std::string_view word = text.substr(0, end);
  text = Trim(text.substr(end));
  return word;
}

bool Take(std::string_view& text, std::string_view sign) {
  text = Trim(text);
  if (!text.starts_with(sign)) {
    return false;
  }
  text.remove_prefix(sign.size());
  return true;
}

std::optional<std::string> Literal(std::string_view& text) {
  text = Trim(text);
  if (text.empty() || (text.front() != '`' && text.front() != '"')) {
    return std::nullopt;
  }
  const size_t end = text.find(text.front(), 1);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string value(text.substr(1, end - 1));
  if (text.front() == '"') {
    for (size_t i = 0; (i = value.find('\\', i)) != std::string::npos; ++i) {
      value.erase(i, 1);
    }
  }
  text.remove_prefix(end + 1);
  return value;
}

// "<sub>.x.test" as a pattern in which <sub> is one label.
std::string TriePattern(std::string_view text, char separator) {
  std::string pattern;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t end = text[i] == '<' ? text.find('>', i) : std::string_view::npos;
    if (end != std::string_view::npos) {
      const bool number = text.substr(i, end - i).starts_with("<int:");
      pattern += number ? "[0-9]+" : std::string("[^") + separator + "]+";
      i = end;
    } else if (std::string_view("\\^$.|?*+()[]{}").find(text[i]) != std::string_view::npos) {
      pattern.append("\\").push_back(text[i]);
    } else {
      pattern.push_back(text[i]);
    }
  }
  return pattern;
}

}  // namespace

std::optional<Route> Route::Parse(std::string_view text) {
  constexpr std::string_view kKinds[] = {"Host", "Path", "Method", "Header"};
  constexpr std::string_view kRegexp = "Regexp";
  Route route;
  do {
    Matcher matcher;
    std::string_view name = Word(text);
    matcher.anywhere = name.ends_with(kRegexp);
    name.remove_suffix(matcher.anywhere ? kRegexp.size() : 0);
    matcher.kind = name;
    if (std::find(std::begin(kKinds), std::end(kKinds), name) == std::end(kKinds) || !Take(text, "(")) {
      return std::nullopt;
    }
    if (name == "Header") {
      auto header = Literal(text);
      if (!header.has_value() || !Take(text, ",")) {
        return std::nullopt;
      }
      matcher.header = *std::move(header);
    }
    const auto value = Literal(text);
    if (!value.has_value() || value->empty() || !Take(text, ")")) {
      return std::nullopt;
    }
    const std::string cased = name == "Host" ? Lower(*value) : *value;
    try {
      matcher.pattern = matcher.anywhere ? cased : TriePattern(cased, name == "Host" ? '.' : '/');
    } catch (const std::regex_error&) {
      return std::nullopt;
    }
    route.matchers_.push_back(std::move(matcher));
  } while (Take(text, "&&"));
  return Trim(text).empty() ? std::optional<Route>(std::move(route)) : std::nullopt;
}

bool Route::Matches(const RoutedRequest& request) const {
  return std::all_of(matchers_.begin(), matchers_.end(), [&](const Matcher& matcher) {
    const std::string subject = matcher.kind == "Host" ? Lower(request.host.substr(0, request.host.find(':')))
                                : matcher.kind == "Path" ? request.path
                                : matcher.kind == "Method"
                                    ? request.method
                                    : std::string(FindHeader(request.headers, matcher.header));
    return matcher.anywhere ? std::regex_search(subject, matcher.pattern)
                            : std::regex_match(subject, matcher.pattern);
  });
}

}  // namespace dispatcher::testing
