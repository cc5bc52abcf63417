// Shell completion, made from the table of commands.
#include <string>
#include <string_view>

#include "dispatcher/commands/command_table.h"

namespace dispatcher {
namespace {

// What may follow an option; "" for a switch, and for what nobody can guess.
struct Values {
  std::string_view bash, zsh;
};

Values ValuesOf(const Option& option) {
  if (option.value == "FILE") {
    return {"compgen -f --", ":file:_files"};
  }
  if (option.value == "FORM") {
    return {"compgen -W 'text json' --", ":form:(text json)"};
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
         "  case $command:$before in\n";
  for (const Command& command : Commands()) {
    for (const Option& option : command.options) {
      if (!option.value.empty()) {
        const std::string_view values = ValuesOf(option).bash;
        out << "    " << command.name << ":" << option.name << ") "
            << (values.empty() ? std::string() : "COMPREPLY=($(" + std::string(values) + " \"$current\")); ")
            << "return ;;\n";
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
