#include "tests/support/certificates.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace dispatcher::testing {
namespace {

const std::string kNewKey = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

}  // namespace

void RunOpenssl(const std::string& arguments) {
  if (std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()) != 0) {
    throw std::runtime_error("failed (is the package openssl installed?): openssl " + arguments);
  }
}

TestCa::TestCa() {
  RunOpenssl("req -x509" + kNewKey + " -days 2 -subj /CN=test-ca -keyout " + folder() + "/ca.key -out " +
             cert());
}

CertificateFiles TestCa::Issue(const std::string& name, const std::string& subject, int days) const {
  const std::string base = folder() + "/" + name;
  std::ofstream(base + ".ext") << "subjectAltName=" << subject << "\n";
  RunOpenssl("req" + kNewKey + " -subj /CN=" + name + " -keyout " + base + ".key -out " + base + ".csr");
  // OpenSSL 3.5 wants an expired one to have begun, which 3.0 can't be told.
  const std::string time =
      days >= 0 ? "-days " + std::to_string(days)
                : "$(if openssl x509 -help 2>&1 | grep -q -e -not_before; then echo -not_before "
                  "20200101000000Z -not_after 20200102000000Z; else echo -days -1; fi)";
  RunOpenssl("x509 -req -in " + base + ".csr -CA " + cert() + " -CAkey " + folder() +
             "/ca.key -CAcreateserial " + time + " -extfile " + base + ".ext -out " + base + ".pem");
  return {base + ".pem", base + ".key"};
}

}  // namespace dispatcher::testing
