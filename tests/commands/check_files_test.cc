// `dispatcher config` looks into the files that the settings name.
#include <sys/stat.h>

#include <fstream>

#include "dispatcher/config/table.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"

namespace dispatcher {
namespace {

// What `config` complains of with these settings.
Outcome ConfigWith(const std::vector<std::string>& sets) {
  std::vector<std::string> words = {"config"};
  for (const std::string& set : sets) {
    words.insert(words.end(), {"--set", set});
  }
  return Execute(words);
}

TEST_CASE("config names each file that can't be used, what is wrong with it and the remedy") {
  const testing::TestCa ca;
  const testing::CertificateFiles own = ca.Issue("own"), other = ca.Issue("other"),
                                  old = ca.Issue("old", "IP:127.0.0.1", -1);
  const std::string& folder = ca.folder();
  std::ofstream(folder + "/empty") << "\n";
  std::ofstream(folder + "/word") << "sesame-open\n";
  std::ofstream(folder + "/half.pem")
      << std::ifstream(ca.cert()).rdbuf() << "-----BEGIN CERTIFICATE-----\nAAAA\n";
  struct Row {
    std::vector<std::string> sets;
    std::string says;  // "": all is well
  };
  const auto pair = [](const std::string& cert, const std::string& key) {
    return std::vector<std::string>{"http.tls_cert_file=" + cert, "http.tls_key_file=" + key};
  };
  const std::vector<Row> rows = {
      {pair(own.cert, own.key), ""},
      {{"http.token_file=" + folder + "/word", "marathon.ca_file=" + ca.cert()}, ""},
      {{"adapters.kong.api_key_file=" + folder + "/empty"},
       "adapters.kong.api_key_file: " + folder + "/empty is empty: write the token, key or password into it"},
      {{"marathon.ca_file=" + folder}, "marathon.ca_file: " + folder + " is a folder: name a file in it"},
      {{"leader.consul_url=http://c:1", "leader.ca_file=" + folder + "/word"},
       "leader.ca_file: " + folder +
           "/word holds no certificate: it must be PEM, -----BEGIN CERTIFICATE-----"},
      {{"marathon.ca_file=" + folder + "/half.pem"},
       "marathon.ca_file: " + folder + "/half.pem holds a broken certificate, the 2. in it: put it in anew"},
      {pair(old.cert, old.key), "http.tls_cert_file: " + old.cert + " has expired: renew it"},
      {pair(own.cert, ca.cert()),
       "http.tls_key_file: " + ca.cert() + " holds no private key: it must be PEM, without a password"},
      {pair(own.cert, other.key), "http.tls_key_file: " + other.key +
                                      " is not the key of http.tls_cert_file " + own.cert +
                                      ": name the two that were made together"},
      {{"adapters.consul.client_cert_file=" + own.cert, "adapters.consul.client_key_file=" + other.key},
       "adapters.consul.client_key_file: " + other.key +
           " is not the key of adapters.consul.client_cert_file " + own.cert +
           ": name the two that were made together"},
  };
  for (const Row& row : rows) {
    const Outcome outcome = ConfigWith(row.sets);
    INFO(row.says);
    CHECK(outcome.code == (row.says.empty() ? 0 : 1));
    CHECK(outcome.err == (row.says.empty() ? "" : "dispatcher: " + row.says + "\n"));
    CHECK(outcome.out.find("marathon:") != std::string::npos);  // shown all the same
    CHECK((outcome.out + outcome.err).find("sesame-open") == std::string::npos);
  }
}

TEST_CASE("every setting that takes a file is looked into") {
  const testing::TempDir dir;
  const std::string empty = dir.path() + "/empty";
  std::ofstream(empty) << "";
  for (const Setting& setting : SettingsTable()) {
    if (setting.kind != SettingKind::kFile) {
      continue;
    }
    for (const std::string& type : SettableAdapterTypes()) {
      if (!AppliesToType(setting, type)) {
        continue;
      }
      std::string key(setting.key);
      if (const size_t star = key.find('*'); star != std::string::npos) {
        key.replace(star, 1, type);
      }
      // With whatever it can't stand without.
      std::vector<std::string> sets = {key + "=" + empty, "leader.consul_url=http://127.0.0.1:1"};
      for (const auto& [half, other] : {std::pair("cert_file", "key_file"),
                                        {"_key_file", "_cert_file"},
                                        {"dcos_key_file", "dcos_uid"},
                                        {"password_file", "username"},
                                        {"tls_client_ca_file", "tls_cert_file"},
                                        {"tls_client_ca_file", "tls_key_file"}}) {
        if (key.ends_with(half) && !key.ends_with("api_key_file") &&
            (half != std::string("_key_file") || !key.ends_with("dcos_key_file"))) {
          const std::string beside = key.substr(0, key.size() - std::string(half).size()) + other;
          sets.push_back(beside + "=" + (beside.ends_with("_file") ? empty : "me"));
        }
      }
      const Outcome outcome = ConfigWith(sets);
      INFO(key << ": " << outcome.err);
      CHECK((outcome.err.find(key + ": " + empty + " is empty") != std::string::npos ||
             outcome.err.find(key + ": " + empty + " holds no ") != std::string::npos));
    }
  }
}

}  // namespace
}  // namespace dispatcher
