// The hot paths alone, without threads, sockets or a clock, on inputs that are the same each
// time: for micro benchmarks, and for counting instructions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dispatcher::bench {

class Work {
 public:
  virtual ~Work() = default;
  // What a run needs and uses up; not measured.
  virtual void Prepare() {}
  virtual void Run() = 0;
  // The least that anybody could do with the same input; false: there is no such thing.
  virtual bool RunFloor() { return false; }
  // Of one run.
  virtual double units() const = 0;
};

struct KnownWork {
  std::string name;  // "decode"
  std::string what;  // "events: from the stream's bytes to observations"
  std::string unit;  // "events", "MB"
  std::string floor;
  // `size` is the number of apps, or of replacements.
  std::function<std::unique_ptr<Work>(int size)> make;
  int usual, counted;  // sizes for timing and for counting instructions
};
const std::vector<KnownWork>& AllWorks();

}  // namespace dispatcher::bench
