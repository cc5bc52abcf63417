#include <malloc.h>

#include <iostream>

#include "dispatcher/commands/commands.h"

int main(int argc, char** argv) {
  // A heap for each thread would only scatter what lives long: a tenth more memory.
  mallopt(M_ARENA_MAX, 2);
  return dispatcher::RunCommandLine({argv + 1, argv + argc}, dispatcher::ProcessEnvironment(), std::cout,
                                    std::cerr, std::cin);
}
