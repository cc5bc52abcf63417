// Writes a recording while it happens.
#pragma once

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>

#include "dispatcher/recording/recording.h"

namespace dispatcher {

// For one thread at a time: the one that owns the catalog.
class Recorder {
 public:
  // Makes the file, which must not be there yet: AlreadyExists. Only its owner may
  // read it.
  static absl::StatusOr<std::unique_ptr<Recorder>> Create(const std::string& path, const Recording& header,
                                                          Mono begins);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Written out by the time Flush returns, so that whoever is killed leaves a
  // recording up to here. After an error (a full disk) nothing more is written; the
  // error stays to be seen.
  void Add(const RecordedStep& step);
  void Flush();

  const absl::Status& status() const { return status_; }
  uint64_t steps() const { return steps_; }
  // Whether status() is an error; any thread.
  bool failed() const { return failed_; }

 private:
  Recorder(std::string path, std::FILE* file, Mono begins)
      : path_(std::move(path)), file_(file), begins_(begins) {}
  void Write(const std::string& lines);
  void Fail();

  const std::string path_;
  std::FILE* file_;
  const Mono begins_;
  absl::Status status_;
  std::atomic<bool> failed_ = false;
  uint64_t steps_ = 0;
};

}  // namespace dispatcher
