// An IP literal and a port as sockets take them.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

namespace dispatcher::sim {

class SocketAddress {
 public:
  // IPv6 without brackets. What is no literal, such as an agent's name, stands for all addresses
  // of IPv4 here.
  SocketAddress(const std::string& ip, int port) {
    const in_port_t network_port = htons(static_cast<uint16_t>(port));
    if (inet_pton(AF_INET6, ip.c_str(), &v6_.sin6_addr) == 1) {
      v6_.sin6_family = AF_INET6;
      v6_.sin6_port = network_port;
    } else {
      inet_pton(AF_INET, ip.c_str(), &v4_.sin_addr);
      v4_.sin_family = AF_INET;
      v4_.sin_port = network_port;
    }
  }

  int family() const { return is_v6() ? AF_INET6 : AF_INET; }
  const sockaddr* get() const {
    return is_v6() ? reinterpret_cast<const sockaddr*>(&v6_) : reinterpret_cast<const sockaddr*>(&v4_);
  }
  socklen_t size() const { return is_v6() ? sizeof(v6_) : sizeof(v4_); }

 private:
  bool is_v6() const { return v6_.sin6_family == AF_INET6; }

  sockaddr_in v4_ = {};
  sockaddr_in6 v6_ = {};
};

}  // namespace dispatcher::sim
