#include "dispatcher/commands/commands.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "dispatcher/admin/version.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/config/describe.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

constexpr Option kConfig = {"--config", "FILE", "YAML file with settings (also DISPATCHER_CONFIG)"};
constexpr Option kSet = {"--set", "KEY=VALUE",
                         "one setting, wins over file and environment; may be repeated"};
constexpr Option kHelp = {"--help", "", "this text"};
constexpr Option kUrl = {"--url", "URL", "the running dispatcher; default: http.listen of the settings"};
constexpr Option kTimeout = {"--timeout", "TIME", "how long a pass may take, default 60s"};
constexpr Option kOutput = {"--output", "FORM", "text (default) or json"};

absl::StatusOr<int> ShowVersion(Invocation& invocation) {
  invocation.out << "dispatcher " << Version() << "\n";
  return kExitOk;
}

struct Command {
  std::string_view name;
  std::string_view words;  // for the usage line
  size_t least_words, most_words;
  std::string_view summary;
  std::string_view details;
  std::vector<Option> options;
  Action action;
};

const std::vector<Command>& Commands() {
  static const std::vector<Command> commands = {
      {"run",
       "",
       0,
       0,
       "Keep the registries equal to what Marathon runs (default)",
       "Runs until SIGTERM or SIGINT and then stops within 2 s; all entries stay where they are. SIGHUP "
       "reads "
       "the\nsettings anew; bad ones are refused and the old ones stay.\n\n"
       "  dispatcher run --config /etc/dispatcher.yaml\n"
       "  dispatcher --set marathon.urls=http://10.0.0.1:8080 --set "
       "adapters.consul.url=http://127.0.0.1:8500\n",
       {kConfig, kSet, {"--dry-run", "", "read and plan, write nothing"}, kHelp},
       Run},
      {"sync",
       "",
       0,
       0,
       "Make the registries equal once, and say what became of it",
       "Reads Marathon and every registry, writes what is missing, and ends. One line an adapter: entries "
       "that\nare right now, were written and removed, are refused, held by the brake, failed; then each of "
       "the last\nthree with its reason. Exit code: 0 everything equals, 1 not.\n\n"
       "  dispatcher sync --config /etc/dispatcher.yaml\n"
       "  dispatcher sync --config /etc/dispatcher.yaml --dry-run\n\n"
       "--adopt scripts takes over, in place, what the four scripts of the microservices showcase made:\n"
       "their entries in Consul, Vulcand and Kong make way for ours, plugins in Kong stay. What is not\n"
       "exactly theirs stays and is listed with the reason. With --dry-run nothing is changed.\n\n"
       "  dispatcher sync --config deploy/showcase.yaml --adopt scripts --dry-run\n"
       "  dispatcher sync --config deploy/showcase.yaml --adopt scripts\n",
       {kConfig,
        kSet,
        kOutput,
        {"--adopt", "scripts", "take over what they made"},
        kTimeout,
        {"--dry-run", "", "read and plan, write nothing"},
        kHelp},
       Sync},
      {"explain",
       "APP [TASK]",
       1,
       2,
       "Why an app or task is registered, or is not",
       "Asks a running dispatcher. TASK may be the beginning of a task id.\n\n"
       "  dispatcher explain /shop/cart\n",
       {kUrl, kOutput, kConfig, kSet, kHelp},
       Explain},
      {"plan",
       "",
       0,
       0,
       "What would be written now",
       "Asks a running dispatcher. Exit code: 0 nothing to change, 2 something, 1 error.\n\n"
       "  dispatcher plan --url http://10.0.0.5:8090\n",
       {kUrl, kOutput, kConfig, kSet, kHelp},
       Plan},
      {"release",
       "[APP]",
       0,
       1,
       "Let the removals go that the brake holds back",
       "Asks a running dispatcher, with the token of http.token_file or DISPATCHER_HTTP__TOKEN. `dispatcher\n"
       "plan` and /v1/adapters list what is held. Without APP and --adapter all of it goes.\n\n"
       "  dispatcher release --config /etc/dispatcher.yaml\n"
       "  dispatcher release /shop/cart --adapter kong --config /etc/dispatcher.yaml\n",
       {kUrl, {"--adapter", "NAME", "only what this adapter holds back"}, kConfig, kSet, kHelp},
       Release},
      {"uninstall",
       "",
       0,
       0,
       "Take everything of ours out of the registries, after asking",
       "Removes the entries that carry the owner's mark, and nothing else; stop all dispatchers of that "
       "owner\n"
       "first. Lists them, asks, removes them and says what is left: what someone else's plugins hang on, "
       "or\n"
       "what a registry would not let go. Exit code: 0 nothing of ours is left, 1 something, or no yes.\n\n"
       "  dispatcher uninstall --config /etc/dispatcher.yaml --dry-run\n"
       "  dispatcher uninstall --config /etc/dispatcher.yaml --adapter kong --yes\n",
       {kConfig,
        kSet,
        kOutput,
        {"--adapter", "NAME", "only this one"},
        {"--yes", "", "ask nothing"},
        {"--force", "", "although a dispatcher runs at http.listen, or leads"},
        kTimeout,
        {"--dry-run", "", "list them, remove nothing"},
        kHelp},
       UninstallAll},
      {"record",
       "FILE",
       1,
       1,
       "Write down what Marathon says and what is decided",
       "Reads Marathon as `run` does and writes to no registry, until SIGTERM, SIGINT or the end of --for.\n"
       "FILE must not be there yet. It holds labels and addresses of your apps, but nothing of their\n"
       "environment except SERVICE_* variables.\n\n"
       "  dispatcher record trouble.jsonl --for 10m --set marathon.urls=http://10.0.0.1:8080\n",
       {kConfig, kSet, {"--for", "DURATION", "end after this long, such as 30s or 10m"}, kHelp},
       Record},
      {"replay",
       "FILE",
       1,
       1,
       "Decide once more on what was recorded",
       "Prints each decision with its time, then what should be published in the end. Exit code: 0 the same\n"
       "decisions as recorded, 2 others (this version decides otherwise), 1 error.\n\n"
       "  dispatcher replay trouble.jsonl\n",
       {kOutput, kHelp},
       ReplayFile},
      {"config",
       "",
       0,
       0,
       "Check the settings and show what is in force, and from where",
       "Secrets are not shown. The output is a configuration file.\n\n"
       "  dispatcher config --config /etc/dispatcher.yaml\n",
       {kConfig, kSet, {"--markdown", "", "the table of all settings for the README"}, kHelp},
       ShowConfig},
      {"version", "", 0, 0, "Show the version", "", {kHelp}, ShowVersion},
  };
  return commands;
}

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

int RunCommandLine(const std::vector<std::string>& arguments, const Environment& environment,
                   std::ostream& out, std::ostream& err, std::istream& in) {
  if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help")) {
    PrintOverview(out);
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
