// Where an engine tells what its pure rooms decided: the history, for /v1/events and
// explain, and each as a line of the log.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "dispatcher/engine/history.h"

namespace dispatcher {

// Thread-safe. Add writes to the log: call it without a lock of the pipeline.
class DecisionLog {
 public:
  // `quiet`: no lines in the log.
  explicit DecisionLog(std::shared_ptr<History> history, bool quiet = false);
  ~DecisionLog() { Close(); }
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  // As long as this engine waits to take another's place, that one tells what happens to
  // tasks, apps and the stream: it is not told twice.
  void SetWaiting(bool waiting) { waiting_ = waiting; }

  void Add(std::string_view source, std::vector<Note> notes);
  // Nothing more comes. Idempotent.
  void Close();

  const std::shared_ptr<History>& history() const { return history_; }

 private:
  const std::shared_ptr<History> history_;
  const bool quiet_;
  std::atomic<bool> waiting_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace dispatcher
