#include "dispatcher/base/status.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("Error joins its parts, Annotate says where") {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, "no ", std::string("app "), std::string_view("/a"));
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(Message(status) == "no app /a");
  CHECK(Text(Annotate(status, "consul")) == "NOT_FOUND: consul: no app /a");
  CHECK(Annotate(absl::OkStatus(), "consul").ok());
  const absl::Status far = Error(absl::StatusCode::kUnavailable, "http://h:1: can't connect");
  CHECK(Message(Annotate(far, "GET http://h:1/v2/apps")) == "GET http://h:1/v2/apps: can't connect");
  CHECK(Message(Annotate(far, "http://other:1/")) == "http://other:1/: http://h:1: can't connect");
  CHECK(Message(Annotate(Error(absl::StatusCode::kUnavailable, "http"), "http")) == "http: http");
  CHECK(Text(absl::OkStatus()) == "OK");
}

TEST_CASE("each code says whether to try again") {
  using Code = absl::StatusCode;
  for (const Code code : {Code::kUnavailable, Code::kDeadlineExceeded, Code::kAborted, Code::kUnknown,
                          Code::kResourceExhausted, Code::kInternal, Code::kCancelled}) {
    CHECK(IsTransient(Error(code, "x")));
  }
  for (const Code code :
       {Code::kInvalidArgument, Code::kFailedPrecondition, Code::kPermissionDenied, Code::kUnauthenticated,
        Code::kNotFound, Code::kAlreadyExists, Code::kOutOfRange, Code::kUnimplemented, Code::kDataLoss}) {
    CHECK_FALSE(IsTransient(Error(code, "x")));
  }
  CHECK_FALSE(IsTransient(absl::OkStatus()));
}

absl::StatusOr<int> Half(int n) {
  if (n % 2 != 0) {
    return Error(absl::StatusCode::kInvalidArgument, "odd");
  }
  return n / 2;
}

absl::StatusOr<int> Quarter(int n) {
  ASSIGN_OR_RETURN(const int half, Half(n));
  ASSIGN_OR_RETURN(const int quarter, Half(half));
  RETURN_IF_ERROR(Half(quarter * 2).status());
  return quarter;
}

TEST_CASE("the macros return the first error and else go on") {
  CHECK(*Quarter(8) == 2);
  CHECK(Message(Quarter(3).status()) == "odd");
  CHECK(Message(Quarter(2).status()) == "odd");
}

}  // namespace
}  // namespace dispatcher
