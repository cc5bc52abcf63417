// Keys and certificates made by the program openssl, in a folder that goes with them.
#pragma once

#include <string>

#include "tests/support/process.h"

namespace dispatcher::testing {

struct CertificateFiles {
  std::string cert, key;  // PEM
};

// Runs it by the shell; throws if it does not end with 0.
void RunOpenssl(const std::string& arguments);

// A CA of its own.
class TestCa {
 public:
  TestCa();
  std::string cert() const { return dir_.path() + "/ca.pem"; }
  const std::string& folder() const { return dir_.path(); }
  // NAME.pem and NAME.key, for `subject`: "IP:127.0.0.1", "DNS:other"; `days` -1: expired.
  CertificateFiles Issue(const std::string& name, const std::string& subject = "IP:127.0.0.1",
                         int days = 2) const;

 private:
  TempDir dir_;
};

}  // namespace dispatcher::testing
