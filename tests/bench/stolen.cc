#include "tests/bench/stolen.h"

#include <unistd.h>

#include <fstream>
#include <string>

namespace dispatcher::bench {
namespace {

// proc(5), /proc/stat: the eighth number of the line "cpu", in ticks.
double StolenSeconds() {
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;
  double ticks = 0;
  for (int i = 0; i < 8; ++i) {
    stat >> ticks;
  }
  return stat ? ticks / static_cast<double>(sysconf(_SC_CLK_TCK)) : 0;
}

}  // namespace

Stolen::Stolen() : seconds_(StolenSeconds()), begun_(MonoClock::now()) {}

double Stolen::Percent() const {
  const double had = Seconds(MonoClock::now() - begun_) * static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  return had > 0 ? 100 * (StolenSeconds() - seconds_) / had : 0;
}

}  // namespace dispatcher::bench
