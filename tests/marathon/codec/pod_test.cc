#include "dispatcher/marathon/codec/pod.h"

#include "tests/marathon/codec/describe.h"
#include "tests/marathon/codec/files.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("pods of every version, sound and broken") {
  for (const auto& file : DataFiles("marathon/pods", ".json")) {
    CheckExpected(file, DescribeElement(DecodePodText(ReadWhole(file))));
  }
}

}  // namespace
}  // namespace dispatcher
