#include "dispatcher/recording/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace dispatcher {

absl::StatusOr<std::unique_ptr<Recorder>> Recorder::Create(const std::string& path, const Recording& header,
                                                           Mono begins) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) {
    return Error(absl::StatusCode::kAlreadyExists, path, " is there already: name a new file");
  }
  std::FILE* const file = fd < 0 ? nullptr : fdopen(fd, "w");
  if (file == nullptr) {
    return Error(absl::StatusCode::kInvalidArgument, path, ": ", std::strerror(errno));
  }
  std::unique_ptr<Recorder> recorder(new Recorder(path, file, begins));
  recorder->Write(EncodeHeader(header));
  recorder->Flush();
  RETURN_IF_ERROR(recorder->status());
  return recorder;
}

Recorder::~Recorder() {
  if (file_ != nullptr) {
    std::fclose(file_);
  }
}

void Recorder::Add(const RecordedStep& step) {
  if (file_ != nullptr) {
    Write(EncodeStep(step, begins_));
    ++steps_;
  }
}

void Recorder::Flush() {
  if (file_ != nullptr && std::fflush(file_) != 0) {
    Fail();
  }
}

void Recorder::Write(const std::string& lines) {
  if (file_ != nullptr && std::fwrite(lines.data(), 1, lines.size(), file_) != lines.size()) {
    Fail();
  }
}

void Recorder::Fail() {
  status_ = Error(absl::StatusCode::kResourceExhausted, path_, ": ", std::strerror(errno));
  std::fclose(std::exchange(file_, nullptr));
  failed_ = true;
}

}  // namespace dispatcher
