// Single replacements at a steady rate, each watched in Consul's catalog.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/clock.h"
#include "tests/bench/apps.h"
#include "tests/bench/pace.h"

namespace dispatcher::bench {

// Seconds from the moment the replacement was sent until a blocking query on its
// service answered with the new task, and without the old one.
struct Latencies {
  std::vector<double> born, dead;
  size_t sent = 0;
  size_t lost = 0;  // not both within ten seconds
};

// `owner` writes the apps' entries. `count` replacements, one each for as many apps, `apart` from another,
// from `first` on. The schedule never waits for an answer: a slow one does not hide what it would have made
// late.
Latencies ReplaceAtRate(const std::string& consul_url, Apps& apps, std::string_view owner, int count,
                        Mono first, Duration apart, const SendReplacement& send);

}  // namespace dispatcher::bench
