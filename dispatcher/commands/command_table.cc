#include "dispatcher/commands/command_table.h"

#include "dispatcher/admin/version.h"
#include "dispatcher/commands/color.h"

namespace dispatcher {
namespace {

constexpr Option kConfig = {"--config", "FILE", "YAML file with settings (also DISPATCHER_CONFIG)"};
constexpr Option kSet = {"--set", "KEY=VALUE",
                         "one setting, wins over file and environment; may be repeated"};
constexpr Option kHelp = {"--help", "", "this text"};
constexpr Option kUrl = {"--url", "URL", "the running dispatcher; default: http.listen of the settings"};
constexpr Option kCaFile = {"--ca-file", "FILE",
                            "CA certificates to trust for https instead of the system's"};
constexpr Option kCertFile = {"--cert-file", "FILE",
                              "certificate to show, where http.tls_client_ca_file asks for one"};
constexpr Option kKeyFile = {"--key-file", "FILE", "its key"};
constexpr Option kTimeout = {"--timeout", "TIME", "how long a pass may take, default 60s"};
constexpr Option kOutput = {"--output", "FORM", "text (default) or json"};

absl::StatusOr<int> ShowVersion(Invocation& invocation) {
  invocation.out << "dispatcher " << Version() << "\n";
  return kExitOk;
}

}  // namespace

const std::vector<Command>& Commands() {
  static const std::vector<Command> commands = {
      {"run",
       "",
       0,
       0,
       "Keep the registries equal to what Marathon runs (default)",
       "Runs until SIGTERM or SIGINT and then stops within 2 s; all entries stay where they are. SIGHUP "
       "reads\n"
       "the settings anew; bad ones are refused and the old ones stay.\n\n"
       "  dispatcher run --config /etc/dispatcher/dispatcher.yaml\n"
       "  dispatcher --set marathon.urls=http://10.0.0.1:8080 --set "
       "adapters.consul.url=http://127.0.0.1:8500\n",
       {kConfig, kSet, {"--dry-run", "", "read and plan, write nothing"}, kHelp},
       Run},
      {"sync",
       "",
       0,
       0,
       "Make the registries equal once, and say what became of it",
       "Reads Marathon and every registry, writes what is missing, and ends. One line an adapter: entries\n"
       "that are right now, were written and removed, are refused, held by the brake, failed; then each of\n"
       "the last three with its reason. Exit code: 0 everything equals, 1 not.\n\n"
       "  dispatcher sync --config /etc/dispatcher/dispatcher.yaml\n"
       "  dispatcher sync --config /etc/dispatcher/dispatcher.yaml --dry-run\n\n"
       "--adopt takes over what others made, each entry only when ours stands in its place; what is not\n"
       "exactly theirs stays and is listed with the reason. With --dry-run nothing is changed.\n"
       "  scripts      of the microservices showcase: entries in Consul, Vulcand and Kong\n"
       "  allegro      allegro/marathon-consul: entries in Consul with its tag, \"marathon\"\n"
       "  allegro:TAG  the same where its consul-tag was another\n"
       "  owner:OLD    a dispatcher with the same settings whose owner was OLD; stop that one first\n\n"
       "  dispatcher sync --config deploy/showcase.yaml --adopt scripts --dry-run\n"
       "  dispatcher sync --config /etc/dispatcher/dispatcher.yaml --adopt allegro\n",
       {kConfig,
        kSet,
        kOutput,
        {"--adopt", "WHOSE", "take over what they made: scripts, allegro, owner:OLD"},
        kTimeout,
        {"--dry-run", "", "read and plan, write nothing"},
        kHelp},
       Sync},
      {"explain",
       "[APP [TASK]]",
       0,
       2,
       "Why an app or task is registered, or is not; without one, how all of it does",
       "Asks a running dispatcher. First a line a registry: how many instances are registered there, what "
       "is\n"
       "held back, what is not published and why; then each task, port and entry. APP may be static.NAME "
       "for\n"
       "a static service, TASK the beginning of a task id. Without APP: is the event stream alive, how old "
       "is\n"
       "the last snapshot, how does each registry do, and what was decided last.\n\n"
       "  dispatcher explain\n"
       "  dispatcher explain /shop/cart\n"
       "  dispatcher explain /shop/cart shop_cart.6a7d --url http://10.0.0.5:8090\n",
       {kUrl, kCaFile, kCertFile, kKeyFile, kOutput, kConfig, kSet, kHelp},
       Explain},
      {"decisions",
       "[APP]",
       0,
       1,
       "What was decided and written, and when",
       "Asks a running dispatcher, which keeps the last 5000 since its start. One line each, the oldest\n"
       "first: when, who says so (catalog, leader or a registry), what about, and why. TIME is a duration\n"
       "back or a moment.\n\n"
       "  dispatcher decisions --since 1h\n"
       "  dispatcher decisions /shop/cart --since 2026-11-22T08:00:00Z\n",
       {{"--since", "TIME", "only since then: 30m, 1h, 2026-11-22T08:00:00Z"},
        kUrl,
        kCaFile,
        kCertFile,
        kKeyFile,
        kOutput,
        kConfig,
        kSet,
        kHelp},
       ShowDecisions},
      {"plan",
       "",
       0,
       0,
       "What would be written now",
       "Asks a running dispatcher. + is new, ~ changes what is there, - goes. Exit code: 0 nothing to\n"
       "change, 2 something (removals that are held back, too), 1 error.\n\n"
       "  dispatcher plan --url http://10.0.0.5:8090\n",
       {kUrl, kCaFile, kCertFile, kKeyFile, kOutput, kColor, kConfig, kSet, kHelp},
       Plan},
      {"release",
       "[APP]",
       0,
       1,
       "Let the removals go that the brake holds back",
       "Asks a running dispatcher, with the token of http.token_file or DISPATCHER_HTTP__TOKEN. `dispatcher\n"
       "plan` and /v1/adapters list what is held. Without APP and --adapter all of it goes.\n\n"
       "  dispatcher release --config /etc/dispatcher/dispatcher.yaml\n"
       "  dispatcher release /shop/cart --adapter kong --config /etc/dispatcher/dispatcher.yaml\n",
       {kUrl,
        kCaFile,
        kCertFile,
        kKeyFile,
        {"--adapter", "NAME", "only what this adapter holds back"},
        kConfig,
        kSet,
        kHelp},
       Release},
      {"log-level",
       "[LEVEL]",
       0,
       1,
       "Show or change what a running dispatcher logs",
       "LEVEL is debug, info, warning, error or off. Changing needs the token, as release does, and lasts\n"
       "until the next change, SIGHUP or start: these bring back what the settings say.\n\n"
       "  dispatcher log-level debug --config /etc/dispatcher/dispatcher.yaml\n",
       {{"--format", "FORM", "form of a line: text or json"},
        kUrl,
        kCaFile,
        kCertFile,
        kKeyFile,
        kConfig,
        kSet,
        kHelp},
       ChangeLogLevel},
      {"uninstall",
       "",
       0,
       0,
       "Take everything of ours out of the registries, after asking",
       "Removes the entries that carry the owner's mark, and nothing else; stop all dispatchers of that\n"
       "owner first. Lists them, asks, removes them and says what is left: what someone else's plugins hang\n"
       "on, or what a registry would not let go. Exit code: 0 nothing of ours is left, 1 something, or no "
       "yes.\n\n"
       "  dispatcher uninstall --config /etc/dispatcher/dispatcher.yaml --dry-run\n"
       "  dispatcher uninstall --config /etc/dispatcher/dispatcher.yaml --adapter kong --yes\n",
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
       "Files of certificates, keys, tokens and passwords are looked into: are they there, can they be "
       "used?\n"
       "Secrets are not shown. The output is a configuration file. Exit code: 0 all is well, 1 not.\n\n"
       "  dispatcher config --config /etc/dispatcher/dispatcher.yaml\n",
       {kConfig, kSet, {"--markdown", "", "the table of all settings for the README"}, kHelp},
       ShowConfig},
      {"completion",
       "SHELL",
       1,
       1,
       "Print what completes these commands in bash or zsh",
       "  source <(dispatcher completion bash)\n"
       "  dispatcher completion zsh > \"${fpath[1]}/_dispatcher\"\n",
       {kHelp},
       PrintCompletion},
      {"version", "", 0, 0, "Show the version", "", {kHelp}, ShowVersion},
  };
  return commands;
}

}  // namespace dispatcher
