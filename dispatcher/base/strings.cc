#include "dispatcher/base/strings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <numeric>

#include "absl/strings/escaping.h"
#include "dispatcher/base/status.h"

namespace dispatcher {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsUnreserved(char c) {
  const char low = LowerChar(c);
  return (low >= 'a' && low <= 'z') || IsDigit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// Takes fixed-width fields off the front of a stamp; one mismatch spoils the rest.
class StampReader {
 public:
  explicit StampReader(std::string_view text) : rest_(text) {}

  int Digits(size_t count) {
    int value = 0;
    if (rest_.size() < count || !std::all_of(rest_.begin(), rest_.begin() + count, IsDigit)) {
      ok_ = false;
      return 0;
    }
    for (size_t i = 0; i < count; ++i) {
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  // Whether the next character is one of `any`; takes it then.
  bool Take(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void Need(std::string_view any) { ok_ = Take(any) && ok_; }
  // Milliseconds of a fraction of any length; finer digits are dropped.
  int Fraction() {
    int value = 0;
    int digits = 0;
    for (; !rest_.empty() && IsDigit(rest_.front()); rest_.remove_prefix(1), ++digits) {
      value = digits < 3 ? value * 10 + (rest_.front() - '0') : value;
    }
    ok_ = digits > 0 && ok_;
    return digits == 1 ? value * 100 : digits == 2 ? value * 10 : value;
  }
  bool Ended() const { return ok_ && rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Letters that are wrong, missing, too many, or two that changed places.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({last[j] + (a[i] == b[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
        row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), LowerChar);
  return lower;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerChar(x) == LowerChar(y); });
}

std::optional<int64_t> ParseInt(std::string_view text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) {
    return std::nullopt;
  }
  return value;
}

std::string Base64(std::string_view bytes) {
  std::string text;
  absl::Base64Escape(ToAbsl(bytes), &text);
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  return absl::Base64Unescape(ToAbsl(text), &bytes) ? std::optional(std::move(bytes)) : std::nullopt;
}

bool IsIpLiteral(std::string_view text) {
  const std::string copy(text);
  in6_addr bytes;  // has room for either
  return inet_pton(AF_INET, copy.c_str(), &bytes) == 1 || inet_pton(AF_INET6, copy.c_str(), &bytes) == 1;
}

std::string Count(size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

std::string PercentEncode(std::string_view segment) {
  const bool dots = segment == "." || segment == "..";
  std::string encoded;
  encoded.reserve(segment.size());
  for (const char c : segment) {
    if (IsUnreserved(c) && !dots) {
      encoded.push_back(c);
    } else {
      const uint8_t byte = static_cast<uint8_t>(c);
      encoded.push_back('%');
      encoded.push_back("0123456789ABCDEF"[byte >> 4]);
      encoded.push_back("0123456789ABCDEF"[byte & 15]);
    }
  }
  return encoded;
}

std::optional<WallMs> ParseTimestamp(std::string_view text) {
  using std::chrono::day, std::chrono::month, std::chrono::year;
  StampReader in(text);
  const int y = in.Digits(4);
  in.Need("-");
  const int mo = in.Digits(2);
  in.Need("-");
  const int d = in.Digits(2);
  in.Need("Tt");
  const int h = in.Digits(2);
  in.Need(":");
  const int mi = in.Digits(2);
  in.Need(":");
  const int s = in.Digits(2);
  const int ms = in.Take(".") ? in.Fraction() : 0;
  int offset_minutes = 0;
  if (!in.Take("Zz")) {
    const int sign = in.next() == '-' ? -1 : 1;
    in.Need("+-");
    const int oh = in.Digits(2);
    in.Need(":");
    const int om = in.Digits(2);
    if (oh > 23 || om > 59) {
      return std::nullopt;
    }
    offset_minutes = sign * (oh * 60 + om);
  }
  const std::chrono::year_month_day date(year(y), month(static_cast<unsigned>(mo)),
                                         day(static_cast<unsigned>(d)));
  // A leap second is written :60 and counted as the second after it.
  if (!in.Ended() || !date.ok() || h > 23 || mi > 59 || s > 60) {
    return std::nullopt;
  }
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t minutes = days * 1440 + h * 60 + mi - offset_minutes;
  return (minutes * 60 + s) * 1000 + ms;
}

std::string FormatTimestamp(WallMs ms) {
  using std::chrono::days, std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> time{milliseconds(ms)};
  const auto midnight = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  std::string out;
  const auto put = [&out](int64_t value, size_t width, std::string_view after) {
    const std::string digits = std::to_string(value);
    out.append(width - std::min(width, digits.size()), '0').append(digits).append(after);
  };
  put(static_cast<int>(date.year()), 4, "-");
  put(static_cast<unsigned>(date.month()), 2, "-");
  put(static_cast<unsigned>(date.day()), 2, "T");
  put(clock.hours().count(), 2, ":");
  put(clock.minutes().count(), 2, ":");
  put(clock.seconds().count(), 2, ".");
  put(clock.subseconds().count(), 3, "Z");
  return out;
}

uint64_t Fnv1a(std::string_view bytes, uint64_t seed) {
  for (const char c : bytes) {
    seed = (seed ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
  }
  return seed;
}

std::string Hex(uint64_t value, int digits) {
  std::string text(static_cast<size_t>(digits), '0');
  for (auto it = text.rbegin(); it != text.rend(); ++it, value >>= 4) {
    *it = kHexDigits[value & 15];
  }
  return text;
}

std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& candidates) {
  // The beginning of one word, and of no other, means that one.
  const auto begins = [&](const std::string& candidate) { return candidate.starts_with(word); };
  if (!word.empty() && std::count_if(candidates.begin(), candidates.end(), begins) == 1) {
    return *std::find_if(candidates.begin(), candidates.end(), begins);
  }
  // A third of the word wrong is a slip; more is another word.
  size_t best = std::max<size_t>(1, word.size() / 3) + 1;
  std::optional<std::string> nearest;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace dispatcher
