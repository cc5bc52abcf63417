#include "tests/support/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <array>

namespace dispatcher::testing {

std::set<std::string> LookUp(int port, const std::string& name) {
  struct __res_state resolver = {};
  if (res_ninit(&resolver) != 0) {
    return {};
  }
  resolver.nscount = 1;
  resolver.nsaddr_list[0].sin_family = AF_INET;
  resolver.nsaddr_list[0].sin_port = htons(static_cast<uint16_t>(port));
  resolver.nsaddr_list[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  resolver.retrans = 1;  // seconds
  resolver.retry = 1;
  std::array<unsigned char, NS_PACKETSZ * 8> answer{};
  const int length =
      res_nquery(&resolver, name.c_str(), ns_c_in, ns_t_a, answer.data(), static_cast<int>(answer.size()));
  res_nclose(&resolver);
  std::set<std::string> addresses;
  ns_msg message;
  if (length < 0 || ns_initparse(answer.data(), length, &message) != 0) {
    return {};
  }
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record;
    std::array<char, INET_ADDRSTRLEN> text{};
    if (ns_parserr(&message, ns_s_an, i, &record) == 0 && ns_rr_type(record) == ns_t_a &&
        inet_ntop(AF_INET, ns_rr_rdata(record), text.data(), text.size()) != nullptr) {
      addresses.insert(text.data());
    }
  }
  return addresses;
}

}  // namespace dispatcher::testing
