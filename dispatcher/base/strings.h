// The few string helpers the standard lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"

namespace dispatcher {

// Text between separators; empty parts kept. "" gives one empty part.
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);  // blanks, tabs, CR, LF
std::string Lower(std::string_view text);      // ASCII
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Whole decimal number, nothing before or after it.
std::optional<int64_t> ParseInt(std::string_view text);

// RFC 3986 percent-encoding of one path segment or query value: everything but
// letters, digits and "-._~" (a lone "." or ".." is encoded too).
std::string PercentEncode(std::string_view segment);

// RFC 4648 with padding; reading takes it without, too, and gives nullopt for anything else.
std::string Base64(std::string_view bytes);
std::optional<std::string> FromBase64(std::string_view text);

// True for an IPv4 or IPv6 address, the latter without brackets.
bool IsIpLiteral(std::string_view text);

// "1 removal is", "2 removals are".
std::string Count(size_t count, std::string_view one, std::string_view many);

// Marathon's stamps: 2015-09-30T12:44:30.061Z, with or without fraction, any
// RFC 3339 offset. nullopt for everything else.
std::optional<WallMs> ParseTimestamp(std::string_view text);
// The same form, always with milliseconds and Z.
std::string FormatTimestamp(WallMs ms);

// 64-bit FNV-1a: stable across runs and machines, for fingerprints and for the
// tails of shortened names. Not for anything an attacker may choose.
uint64_t Fnv1a(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325ULL);
std::string Hex(uint64_t value, int digits = 16);

// The candidate that `word` alone begins, or the nearest by edit distance if it is
// near enough to suggest.
std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace dispatcher
