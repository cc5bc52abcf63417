// The Kongs that the contract is tried on. All are models: no Kong runs here.
#include "tests/contract/kong_subjects.h"

#include <utility>

#include "tests/contract/subjects.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

using kong_model::Faults;

class KongSubject : public Subject {
 public:
  KongSubject(const std::string& version, std::string mode, bool dbless)
      : mode_(std::move(mode)), rig_(version, dbless) {
    lose_data = [this] { rig_.kong().LoseData(); };
    fail_next_write = [this] { Set({.fail_writes = 1}); };
    lose_next_answer = [this] { Set({.lose_answers = 1}); };
    break_next_read = {[this] { Set({.fail_reads = 1}); }, [this] { Set({.fail_reads = 1, .status = 429}); },
                       [this] { Set({.bad_reads = 1}); }, [this] { Set({.cut_reads = 1}); }};
    deny = [this](bool on) { Set({.deny = on}); };
    hold = [this](bool on) { Set({.hold = on}); };
  }

  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    KongOptions options = rig_.Options(owner);
    options.mode = mode_;
    options.router_url = "http://vulcand.service.consul";
    return *MakeKongAdapter(options);
  }
  bool shared() const override { return !rig_.dbless(); }

  // Another owner of which ours is the beginning, and an object that a person made
  // and called as ours are called.
  void PutForeign(const std::string& owner) override {
    if (rig_.dbless()) {
      return;  // ours alone
    }
    for (const std::string& name : {owner + "x._web.0", owner + "-web", "web-" + owner}) {
      rig_.PutService(name, name + ".test");
    }
  }
  bool HasForeign(const std::string& owner) override {
    if (rig_.dbless()) {
      return true;
    }
    for (const std::string& name : {owner + "x._web.0", owner + "-web", "web-" + owner}) {
      if (!rig_.HasService(name)) {
        return false;
      }
    }
    return true;
  }

 private:
  void Set(const Faults& faults) { rig_.kong().SetFaults(faults); }

  const std::string mode_;
  KongRig rig_;
};

SubjectMaker ModelOfKong(const std::string& version, const std::string& mode, bool dbless = false) {
  return {"model of Kong " + version + (dbless ? " DB-less" : "") + ", mode " + mode,
          [=](std::string&) { return std::make_unique<KongSubject>(version, mode, dbless); }};
}

}  // namespace

std::vector<SubjectMaker> KongSubjects() {
  std::vector<SubjectMaker> makers;
  for (const char* version : {"0.10.4", "0.14.1", "2.8.5", "3.9.3"}) {
    makers.push_back(ModelOfKong(version, "targets"));
  }
  makers.push_back(ModelOfKong("3.9.3", "targets", true));
  return makers;
}

}  // namespace dispatcher::testing
