// How people are told what is right or wrong with an entry: the same words in the command,
// the API and the page.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace dispatcher {

// Of EntryReport::state; the state itself if it is none of these.
inline std::string_view WordsOf(std::string_view state) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"right", "as it should be"},
      {"writing", "being written"},
      {"due", "about to be written"},
      {"waits", "waits for another registry"},
      {"failing", "fails, is tried again"},
      {"refused", "refused by the registry"},
      {"leaving", "about to be removed"},
      {"held", "its removal is held back"},
      {"kept", "not wanted, and nothing says that it may go"},
      {"absent", "not there"},
      {"out", "out of traffic"},
      {"unread", "not known: the registry was not read yet"},
  };
  const auto* const word = std::find_if(std::begin(kWords), std::end(kWords),
                                        [&](const auto& candidate) { return candidate.first == state; });
  return word == std::end(kWords) ? state : word->second;
}

}  // namespace dispatcher
