// A token or key for a registry: given, or in a file where it may be exchanged.
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {

// Any thread.
class Secret {
 public:
  // file "": the one that is `given`, "" for none. NotFound if the file can't be
  // read; `setting` is its name in the configuration, for the message.
  static absl::StatusOr<std::shared_ptr<Secret>> Load(std::string_view setting, const std::string& file,
                                                      std::string given) {
    std::shared_ptr<Secret> secret(new Secret(file));
    if (!file.empty()) {
      absl::StatusOr<std::string> text = ReadFile(file);
      if (!text.ok()) {
        return Annotate(text.status(), setting);
      }
      given = *std::move(text);
    }
    MutexLock lock(secret->mutex_);
    secret->text_ = std::move(given);
    return secret;
  }

  std::string Get() const {
    MutexLock lock(mutex_);
    return text_;
  }

  // Reads the file again; true if it holds another one now.
  bool Refresh() {
    if (file_.empty()) {
      return false;
    }
    absl::StatusOr<std::string> text = ReadFile(file_);
    MutexLock lock(mutex_);
    if (!text.ok() || *text == text_) {
      return false;
    }
    text_ = *std::move(text);
    return true;
  }

 private:
  explicit Secret(std::string file) : file_(std::move(file)) {}

  static absl::StatusOr<std::string> ReadFile(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) {
      return Error(absl::StatusCode::kNotFound, file, " can't be read");
    }
    return std::string(Trim(text));
  }

  const std::string file_;
  mutable Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dispatcher
