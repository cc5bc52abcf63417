#include "dispatcher/model/labels.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("labels of ours, of peers and tags by value are kept, others are not") {
  for (const char* key : {"dispatcher.name", "dispatcher.0.hosts", "dispatcher.", "consul", "HAPROXY_0_VHOST",
                          "HAPROXY_GROUP", "SERVICE_NAME", "traefik.enable"}) {
    CAPTURE(key);
    CHECK(IsKeptLabel(key, "x"));
    CHECK(IsPublishingLabel(key));
  }
  for (const char* key : {"", "team", "consulting", "dispatcher", "VIP_0", "haproxy_0_vhost", "traefik"}) {
    CAPTURE(key);
    CHECK_FALSE(IsKeptLabel(key, "x"));
    CHECK(IsKeptLabel(key, "tag"));
    CHECK(IsKeptLabel(key, "tag:web"));
    CHECK_FALSE(IsPublishingLabel(key));
  }
}

}  // namespace
}  // namespace dispatcher
