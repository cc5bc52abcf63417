#include <malloc.h>

#include <iostream>

#include "dispatcher/commands/commands.h"

int main(int argc, char** argv) {
  // A heap for each thread would only scatter what lives long: a tenth more memory.
  mallopt(M_ARENA_MAX, 2);
  // A registry's answer may be megabytes: in pages of its own it leaves no hole behind. Without
  // this malloc raises the limit to the largest that it has seen.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 2 << 20);
  return dispatcher::RunCommandLine({argv + 1, argv + argc}, dispatcher::ProcessEnvironment(), std::cout,
                                    std::cerr, std::cin);
}
