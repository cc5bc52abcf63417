// Labels that are malformed, contradict each other, are far too many or far too long:
// they cost themselves, are named shortly, and nothing of them gets where it could do harm.
#include <algorithm>

#include "dispatcher/catalog/labels.h"
#include "tests/catalog/driver.h"
#include "tests/support/catch.h"
#include "tests/support/cpu_time.h"
#include "tests/support/sanitized.h"

namespace dispatcher {
namespace {

using Labels = std::map<std::string, std::string>;

Profile ProfileOf(const Labels& labels, int ports = 1) {
  auto definition = App1("/web");
  definition->labels = labels;
  definition->ports.resize(static_cast<size_t>(ports));
  return *MakeProfiles(*definition, {}).front();
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

TEST_CASE("nothing that ends a line, a header or a rule gets into a host, a path or a name") {
  const std::string values[] = {"a\r\nX-Evil: b",
                                "a\nb",
                                std::string("a\0b", 3),
                                "a b",
                                "a`) || Host(`b",
                                "a\")||Host(\"b",
                                "*",
                                "*.*.a",
                                "a..b",
                                ".a",
                                "-a",
                                "http://a",
                                "a:80",
                                "a/b",
                                "a;b",
                                "{a}",
                                "<regexp>",
                                "\xd1\x81\xd0\xb5\xd1\x80\xd0\xb2\xd0\xb8\xd1\x81",
                                "\xe2\x80\xae\x61",
                                "\xf0\x9f\x92\xa9.test",
                                "\xff\xfe",
                                "\x7f",
                                "\x1b[31m",
                                std::string(300, 'a'),
                                std::string(64, 'a') + ".test",
                                std::string(4 << 20, 'a')};
  for (const std::string& value : values) {
    for (const char* const key :
         {"dispatcher.hosts", "dispatcher.paths", "dispatcher.name", "dispatcher.0.name", "dispatcher.weight",
          "dispatcher.enable", "dispatcher.strip-path", "dispatcher.shared", "dispatcher.route-when",
          "consul", "HAPROXY_0_VHOST", "HAPROXY_0_PATH", "HAPROXY_0_BACKEND_WEIGHT", "SERVICE_NAME",
          "SERVICE_TAGS", "traefik.frontend.rule", "dispatcher.adapters", "dispatcher.no-such"}) {
      for (const std::string& text : {value, "/" + value, "Host:" + value, "ok.test," + value}) {
        INFO(key << " = " << text.substr(0, 100));
        const Profile profile = ProfileOf({{key, text}});
        for (const std::string& host : profile.hosts) {
          REQUIRE(IsHostName(host));
        }
        for (const std::string& path : profile.paths) {
          REQUIRE((path.starts_with('/') && IsPlain(path) && path.find_first_of("`\"") == std::string::npos));
        }
        for (const std::string& name : profile.names) {
          REQUIRE((name.size() <= 63 && IsHostName(name)));
        }
        REQUIRE((profile.weight >= 1 && profile.weight <= 65535));
        for (const std::string& problem : profile.problems) {
          REQUIRE(problem.size() < 300);
          REQUIRE(problem.find(key == std::string_view("dispatcher.0.name") ? "name" : "") !=
                  std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("lists without end in one label are cut, and it is said") {
  const int many = testing::kSanitized ? 50'000 : 400'000;
  std::string hosts, paths, words;
  for (int i = 0; i < many; ++i) {
    hosts.append("h").append(std::to_string(i)).append(".test,");
    paths.append("/p").append(std::to_string(i)).append(",");
    words.append("w").append(std::to_string(i)).append(",");
  }
  const testing::CpuTime spent;
  const Profile profile = ProfileOf({{"dispatcher.hosts", hosts},
                                     {"dispatcher.paths", paths},
                                     {"consul", words},
                                     {"dispatcher.tags", words}});
  CHECK(spent.Seconds() < 5);
  CHECK(profile.hosts.size() == 100);
  CHECK(profile.paths.size() == 100);
  CHECK(profile.names.size() == 100);
  CHECK(profile.tags.size() == 500);
  for (const char* const key : {"dispatcher.hosts", "dispatcher.paths", "consul", "dispatcher.tags"}) {
    CHECK(std::any_of(profile.problems.begin(), profile.problems.end(), [&](const std::string& problem) {
      return problem.starts_with("label " + std::string(key));
    }));
  }
  CHECK(profile.problems.size() <= 20);
}

TEST_CASE("10,000 labels on an app of 1,000 ports are read in good time") {
  Labels labels;
  for (int i = 0; i < 10'000; ++i) {
    labels["label-" + std::to_string(i)] = i % 2 == 0 ? "tag" : std::string(i % 50, 'x');
    labels["dispatcher." + std::to_string(i) + ".name"] = "n" + std::to_string(i);
  }
  const testing::CpuTime spent;
  const Profile profile = ProfileOf(labels, 1000);
  CHECK(spent.Seconds() < (testing::kSanitized ? 60 : 10));
  CHECK(profile.problems.size() == 20);
  CHECK(profile.names == std::vector<std::string>{"n0"});
  CHECK(profile.tags.size() == 500);
}

TEST_CASE("labels that contradict each other: ours win, the nearest of ours, and off is off") {
  const Profile profile = ProfileOf({{"dispatcher.name", "a"},
                                     {"dispatcher.0.name", "b"},
                                     {"consul", "c"},
                                     {"SERVICE_NAME", "d"},
                                     {"dispatcher.hosts", "a.test"},
                                     {"HAPROXY_0_VHOST", "b.test"},
                                     {"traefik.frontend.rule", "Host:c.test"},
                                     {"dispatcher.enable", "false"},
                                     {"traefik.enable", "true"}});
  CHECK(profile.names == std::vector<std::string>{"b"});
  CHECK(profile.hosts == std::vector<std::string>{"a.test"});
  CHECK(profile.off);
}

}  // namespace
}  // namespace dispatcher
