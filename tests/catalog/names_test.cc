#include "dispatcher/catalog/names.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("names of services follow app, port and protocol") {
  struct Row {
    const char* app;
    int port;
    const char* port_name;
    const char* protocol;
    const char* name;
  };
  const Row row = GENERATE(values<Row>({
      {"/shop/cart", 0, "", "tcp", "shop-cart"},
      {"/shop/cart", 0, "http", "tcp", "shop-cart"},
      {"/shop/cart", 1, "admin", "tcp", "shop-cart-admin"},
      {"/shop/cart", 1, "", "tcp", "shop-cart-port1"},
      {"/shop/cart", 2, "default", "tcp", "shop-cart-port2"},
      {"/dns", 0, "", "udp", "dns-udp"},
      {"/dns", 1, "query", "udp", "dns-query-udp"},
      {"/a.b/c", 0, "", "tcp", "a-b-c"},
      {"/Web_1", 0, "", "tcp", "web-1"},
  }));
  PortSpec port;
  port.name = row.port_name;
  port.protocol = row.protocol;
  CHECK(ServiceName(row.app, row.port, port) == row.name);
}

TEST_CASE("a long name is cut to 63 characters and stays its own") {
  const std::string a = DnsLabel("/" + std::string(80, 'a') + "/one");
  const std::string b = DnsLabel("/" + std::string(80, 'a') + "/two");
  CHECK(a.size() == 63);
  CHECK(b.size() == 63);
  CHECK(a != b);
  CHECK(DnsLabel("///") == "");
  CHECK(DnsLabel("-a-") == "a");
}

}  // namespace
}  // namespace dispatcher
