// What the process says on stderr while something is done.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/support/catch.h"

namespace dispatcher::testing {

template <typename Work>
std::string Stderr(Work work) {
  std::FILE* const file = std::tmpfile();
  const int before = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  work();
  dup2(before, STDERR_FILENO);
  close(before);
  std::string text(static_cast<size_t>(lseek(fileno(file), 0, SEEK_END)), '\0');
  const ssize_t got = pread(fileno(file), text.data(), text.size(), 0);
  std::fclose(file);
  REQUIRE(got == static_cast<ssize_t>(text.size()));
  return text;
}

}  // namespace dispatcher::testing
