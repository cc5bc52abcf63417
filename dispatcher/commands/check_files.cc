#include "dispatcher/commands/check_files.h"

#include <string_view>
#include <utility>

#include "dispatcher/config/table.h"
#include "dispatcher/config/values.h"
#include "dispatcher/net/pem_files.h"

namespace dispatcher {
namespace {

absl::Status CheckFile(std::string_view key, const std::string& file) {
  return key.ends_with("ca_file")                                      ? CheckCaFile(file)
         : key.ends_with("cert_file")                                  ? CheckCertFile(file)
         : key.ends_with("key_file") && !key.ends_with("api_key_file") ? CheckKeyFile(file)
                                                                       : CheckSecretFile(file);
}

class FileCheck {
 public:
  explicit FileCheck(const Configuration& configuration) : settings_(configuration.settings) {}

  std::vector<std::string> Run() {
    for (const Setting& setting : SettingsTable()) {
      if (setting.kind == SettingKind::kFile && setting.key.find('*') == std::string_view::npos) {
        Look(std::string(setting.key), ValueText(setting, {settings_}));
      }
    }
    for (AdapterSettings& adapter : settings_.adapters) {
      for (const Setting& setting : SettingsTable()) {
        const std::string key = AdapterKey(setting, adapter.name, adapter.type);
        if (setting.kind == SettingKind::kFile && !key.empty()) {
          Look(key, ValueText(setting, {settings_, &adapter, adapter.name}));
        }
      }
    }
    return std::move(problems_);
  }

 private:
  void Look(const std::string& key, const std::string& file) {
    if (file.empty()) {
      return;
    }
    if (const absl::Status status = CheckFile(key, file); !status.ok()) {
      problems_.push_back(key + ": " + file + " " + std::string(Message(status)));
    } else if (key.ends_with("cert_file")) {
      cert_ = {key, file};
    } else if (key.ends_with("_key_file") && key.substr(0, key.rfind("_key_file")) ==
                                                 cert_.first.substr(0, cert_.first.rfind("_cert_file"))) {
      // In the table a key follows its certificate.
      if (!BelongTogether(cert_.second, file)) {
        problems_.push_back(key + ": " + file + " is not the key of " + cert_.first + " " + cert_.second +
                            ": name the two that were made together");
      }
    }
  }

  Settings settings_;  // a copy, because fields are reached through references
  std::pair<std::string, std::string> cert_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> FileProblems(const Configuration& configuration) {
  return FileCheck(configuration).Run();
}

}  // namespace dispatcher
