#include "tests/bench/snapshot.h"

#include <utility>

#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/splitter.h"

namespace dispatcher::bench {

void InPieces(std::string_view bytes, absl::FunctionRef<void(std::string_view)> feed) {
  constexpr size_t kPiece = 4096;
  for (size_t at = 0; at < bytes.size(); at += kPiece) {
    feed(bytes.substr(at, kPiece));
  }
}

absl::Status Observe(std::string_view snapshot, uint64_t read, const ReadMark& mark,
                     absl::FunctionRef<void(Observation)> push) {
  absl::Status status;
  ArraySplitter splitter("apps");
  InPieces(snapshot, [&](std::string_view piece) {
    status.Update(splitter.Feed(piece, [&](const SplitElement& element) {
      absl::StatusOr<AppElement> app = DecodeAppText(element.text);
      if (app.ok()) {
        push(AppSeen{read, mark, std::move(app->definition), app->has_tasks, std::move(app->tasks),
                     std::move(app->deployments), std::move(app->ready_tasks)});
      }
      status.Update(app.status());
    }));
  });
  RETURN_IF_ERROR(status);
  ReadEnded ended;
  ended.read = read;
  ended.mark = mark;
  ended.apps = static_cast<int>(splitter.elements());
  push(std::move(ended));
  return absl::OkStatus();
}

}  // namespace dispatcher::bench
