// A schedule written by hand, played as it is written: what Marathon says, in the
// bytes of its version, and what its REST API answers meanwhile.
//
//   Script s("1.8.180");
//   s.Lists(R"({"id":"/web",...,"tasks":[]})").Attach().Answer();
//   s.Event(R"({"eventType":"status_update_event",...})");
//   CHECK(s.Sees() == Lines{"web.1 10.0.0.1:31001 yes passing"});
//   CHECK(s.violation().empty());
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/schedule/stage.h"

namespace dispatcher::schedule {

using Lines = std::vector<std::string>;

class Script {
 public:
  explicit Script(const std::string& marathon_version = "1.8.180", CatalogPolicy policy = {});

  // ----------------------------------------- what REST answers from now on
  Script& Lists(const std::string& app);  // an element of /v2/apps, in place of one of its id
  Script& Unlists(const AppId& app);
  Script& Keeps(const AppId& app, const std::string& version, const std::string& definition);
  Script& Leads(const std::string& leader);

  // ------------------------------------------------------------------ acts
  Script& Attach();
  Script& Lose();
  Script& Event(const std::string& json);
  Script& Begin();                // the oldest read that is wanted and due goes out
  Script& End(size_t read = 0);   // of those under way
  Script& Fail(size_t read = 0);  // ... breaks off
  Script& Answer();               // asks and answers all that is wanted and due
  Script& ForeignSnapshot();      // a whole one, by a node that is not the leader
  Script& Snapshot();
  Script& Pass(Duration time);
  Script& Settle();  // time passes until nothing is wanted
  // An event again that was said before; 0 is the first.
  Script& Again(size_t event);

  // "task address:port want condition" of all that is not unwanted, sorted by app,
  // port and task; want is yes or if-there. A task without an address is left out.
  Lines Sees() const;
  // Those that must be there alone, as "task address:port condition".
  Lines Wants() const;
  const std::string& violation() const { return stage_.violation(); }
  int reads() const { return stage_.reads(); }
  const Stage& stage() const { return stage_; }
  const Schedule& schedule() const { return schedule_; }

 private:
  Script& Play(Act act);
  void Rewrite();

  std::shared_ptr<Tale> tale_;
  Written written_;
  Schedule schedule_;
  Stage stage_;
};

}  // namespace dispatcher::schedule
