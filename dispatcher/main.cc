#include <iostream>

#include "dispatcher/commands/commands.h"

int main(int argc, char** argv) {
  return dispatcher::RunCommandLine({argv + 1, argv + argc}, dispatcher::ProcessEnvironment(), std::cout,
                                    std::cerr);
}
