#include "dispatcher/commands/commands.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "dispatcher/base/log.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/command_table.h"
#include "dispatcher/config/describe.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

void PrintOverview(std::ostream& out) {
  out << "Keeps service registries equal to what Marathon runs.\n\nusage: dispatcher [COMMAND] [OPTIONS]\n\n";
  for (const Command& command : Commands()) {
    std::string line = "  " + std::string(command.name) + " " + std::string(command.words);
    line.resize(std::max<size_t>(line.size(), 22), ' ');
    out << line << " " << command.summary << "\n";
  }
  out << "\n`dispatcher COMMAND --help` tells more; `dispatcher config --help` lists all settings.\n";
}

void PrintHelp(const Command& command, std::ostream& out) {
  out << command.summary << ".\n\nusage: dispatcher " << command.name << (command.words.empty() ? "" : " ")
      << command.words << " [OPTIONS]\n\n";
  for (const Option& option : command.options) {
    std::string line = "  " + std::string(option.name) + " " + std::string(option.value);
    line.resize(std::max<size_t>(line.size(), 22), ' ');
    out << line << " " << option.help << "\n";
  }
  if (!command.details.empty()) {
    out << "\n" << command.details;
  }
  if (command.action == ShowConfig) {
    out << "\nSettings. In the environment marathon.urls is "
        << "DISPATCHER_MARATHON__URLS"
        << "; lists are separated by commas.\n\n"
        << SettingsHelp();
  }
}

int Fail(std::ostream& err, std::string_view problem) {
  for (const std::string_view line : Split(problem, '\n')) {
    err << "dispatcher: " << line << "\n";
  }
  return kExitError;
}

const Command* FindCommand(std::string_view name) {
  const auto found =
      std::find_if(Commands().begin(), Commands().end(), [&](const Command& c) { return c.name == name; });
  return found == Commands().end() ? nullptr : &*found;
}

int UnknownCommand(const std::string& name, std::ostream& err) {
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    names.emplace_back(command.name);
  }
  const auto nearest = Nearest(name, names);
  return Fail(err, name + " is not a command: " +
                       (nearest ? "do you mean " + *nearest + "?" : std::string("see `dispatcher --help`")));
}

int Execute(const Command& command, const std::vector<std::string>& arguments, const Environment& environment,
            std::ostream& out, std::ostream& err, std::istream& in) {
  absl::StatusOr<Arguments> parsed = ParseArguments(arguments, command.options);
  if (!parsed.ok()) {
    return Fail(err, Message(parsed.status()));
  }
  if (parsed->Has("--help")) {
    PrintHelp(command, out);
    return kExitOk;
  }
  if (parsed->words.size() > command.most_words && FindCommand(parsed->words.back()) != nullptr) {
    return Fail(err, parsed->words.back() + " is a command: it comes first, before all options");
  }
  if (parsed->words.size() < command.least_words || parsed->words.size() > command.most_words) {
    return Fail(err, "usage: dispatcher " + std::string(command.name) + " " + std::string(command.words));
  }
  Invocation invocation{*std::move(parsed), environment, out, err, in};
  const absl::StatusOr<int> code = command.action(invocation);
  return code.ok() ? *code : Fail(err, Message(code.status()));
}

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

absl::StatusOr<Duration> TimeoutOf(const Arguments& arguments) {
  if (!arguments.Has("--timeout")) {
    return std::chrono::seconds(60);
  }
  const absl::StatusOr<Duration> timeout = ParseDuration(arguments.Get("--timeout"));
  return timeout.ok() ? timeout : absl::StatusOr<Duration>(Annotate(timeout.status(), "--timeout"));
}

absl::StatusOr<Configuration> LoadFor(const Invocation& invocation) {
  std::string file = invocation.arguments.Get("--config");
  for (const auto& [name, value] : invocation.environment) {
    if (file.empty() && name == "DISPATCHER_CONFIG") {
      file = value;
    }
  }
  return LoadConfiguration({file, invocation.environment, invocation.arguments.All("--set")});
}

void LogSkipped(const Configuration& configuration) {
  for (const std::string& warning : configuration.warnings) {
    LogWarning("setting skipped", {{"why", warning}});
  }
}

int RunCommandLine(const std::vector<std::string>& arguments, const Environment& environment,
                   std::ostream& out, std::ostream& err, std::istream& in) {
  if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help")) {
    if (arguments.size() == 1 || arguments[1].starts_with("-")) {
      PrintOverview(out);
      return kExitOk;
    }
    const Command* const command = FindCommand(arguments[1]);
    if (command == nullptr) {
      return UnknownCommand(arguments[1], err);
    }
    PrintHelp(*command, out);
    return kExitOk;
  }
  const bool named = !arguments.empty() && !arguments[0].starts_with("-");
  const bool version = !arguments.empty() && arguments[0] == "--version";
  const std::string name = version ? "version" : named ? arguments[0] : "run";
  const Command* const command = FindCommand(name);
  if (command == nullptr) {
    return UnknownCommand(name, err);
  }
  return Execute(*command, {arguments.begin() + (named || version ? 1 : 0), arguments.end()}, environment,
                 out, err, in);
}

}  // namespace dispatcher
