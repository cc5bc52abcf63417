// Shell completion, made from the table of commands.
#include <set>
#include <string>
#include <string_view>

#include "dispatcher/commands/command_table.h"
#include "dispatcher/config/table.h"

namespace dispatcher {
namespace {

// What may follow an option; "" for a switch, and for what nobody can guess.
struct Values {
  std::string bash, zsh;
};

Values OneOfWords(const std::string& words) {
  std::string zsh;
  for (const char c : words) {
    zsh.append(c == ':' ? "\\:" : std::string(1, c));
  }
  return {"compgen -W '" + words + "' --", ":value:(" + zsh + ")"};
}

// "owner= marathon.urls= …": what --set takes. A name of one's own can't be guessed; the
// adapters of each type have its name, as long as nothing else is said.
std::string KeysToSet() {
  std::string keys;
  std::set<std::string> seen;
  const auto add = [&](const std::string& key) {
    if (seen.insert(key).second) {
      keys.append(keys.empty() ? "" : " ").append(key).append("=");
    }
  };
  for (const Setting& setting : SettingsTable()) {
    if (setting.kind == SettingKind::kSecret) {
      continue;  // not taken from the command line
    }
    if (setting.key.find('*') == std::string_view::npos) {
      add(std::string(setting.key));
    }
    for (const std::string& type : SettableAdapterTypes()) {
      if (const std::string key = AdapterKey(setting, type, type); !key.empty()) {
        add(key);
      }
    }
  }
  return keys;
}

Values ValuesOf(const Option& option) {
  if (option.value == "FILE") {
    return {"compgen -f --", ":file:_files"};
  }
  if (option.value == "FORM") {
    return OneOfWords("text json");
  }
  if (option.value == "WHEN") {
    return OneOfWords("auto always never");
  }
  if (option.value == "WHOSE") {
    return OneOfWords("scripts allegro owner:");
  }
  if (option.value == "KEY=VALUE") {
    return {"compgen -W \"$keys\" --", ":setting: compadd -S \"\" -a keys"};
  }
  return {"", option.value.empty() ? "" : ":value:"};
}

// The words that may follow a command, separated by blanks.
std::string_view WordsOf(const Command& command) {
  return command.words == "SHELL"     ? "bash zsh"
         : command.words == "[LEVEL]" ? "debug info warning error off"
                                      : "";
}

// In single quotes, and in brackets of zsh's.
std::string Quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else if (c == '[' || c == ']' || c == ':') {
      quoted.append("\\").push_back(c);
    } else {
      quoted.push_back(c);
    }
  }
  return quoted;
}

void PrintBash(std::ostream& out) {
  std::string names;
  for (const Command& command : Commands()) {
    names.append(names.empty() ? "" : " ").append(command.name);
  }
  out << "_dispatcher() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
         "command=${COMP_WORDS[1]}\n"
         "  COMPREPLY=()\n"
         "  if [[ $COMP_CWORD == 1 && $current != -* ]]; then\n"
         "    COMPREPLY=($(compgen -W '"
      << names
      << "' -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  [[ $command == -* ]] && command=run\n"
         "  local keys='"
      << KeysToSet()
      << "'\n"
         // Keys and "owner:" are not the end of the word.
         "  [[ $before == --set || $before == --adopt ]] && compopt -o nospace 2>/dev/null\n"
         "  case $command:$before in\n";
  for (const Command& command : Commands()) {
    for (const Option& option : command.options) {
      if (!option.value.empty()) {
        const std::string values = ValuesOf(option).bash;
        out << "    " << command.name << ":" << option.name << ") "
            << (values.empty() ? values : "COMPREPLY=($(" + values + " \"$current\")); ") << "return ;;\n";
      }
    }
  }
  out << "  esac\n  case $command in\n";
  for (const Command& command : Commands()) {
    out << "    " << command.name << ") COMPREPLY=($(compgen -W '";
    for (const Option& option : command.options) {
      out << option.name << " ";
    }
    out << WordsOf(command) << "' -- \"$current\")) ;;\n";
  }
  out << "  esac\n}\ncomplete -F _dispatcher dispatcher\n";
}

void PrintZsh(std::ostream& out) {
  out << "#compdef dispatcher\n_dispatcher() {\n  local -a commands=(\n";
  for (const Command& command : Commands()) {
    out << "    '" << command.name << ":" << Quoted(command.summary) << "'\n";
  }
  out << "  )\n"
         "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  [[ $command == -* ]] && command=run\n"
         "  local -a keys=("
      << KeysToSet()
      << ")\n"
         "  case $command in\n";
  for (const Command& command : Commands()) {
    out << "    " << command.name << ") _arguments";
    for (const Option& option : command.options) {
      const bool again = option.name == "--set";
      out << " \\\n      '" << (again ? "*" : "") << option.name << "[" << Quoted(option.help) << "]"
          << ValuesOf(option).zsh << "'";
    }
    if (const std::string_view words = WordsOf(command); !words.empty()) {
      out << " \\\n      ':command:(" << command.name << ")' ':word:(" << words << ")'";
    }
    out << " ;;\n";
  }
  // Read by source as well as found in fpath.
  out << "  esac\n}\nif [[ $funcstack[1] == _dispatcher ]]; then _dispatcher \"$@\"; else compdef "
         "_dispatcher "
         "dispatcher; fi\n";
}

}  // namespace

absl::StatusOr<int> PrintCompletion(Invocation& invocation) {
  const std::string& shell = invocation.arguments.words[0];
  if (shell == "bash") {
    PrintBash(invocation.out);
  } else if (shell == "zsh") {
    PrintZsh(invocation.out);
  } else {
    return Error(absl::StatusCode::kInvalidArgument, "there is no completion for ", shell,
                 ", only for bash and zsh");
  }
  return kExitOk;
}

}  // namespace dispatcher
