#include "tests/schedule/stage.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/event.h"
#include "tests/schedule/digest.h"

namespace dispatcher::schedule {
namespace {

constexpr const char* kOtherNode = "other:8080";

AppSeen ToSeen(AppElement element, const Stage::Reading& reading) {
  AppSeen seen;
  seen.read = reading.number;
  seen.mark = reading.mark;
  seen.definition = std::move(element.definition);
  seen.has_tasks = element.has_tasks;
  seen.tasks = std::move(element.tasks);
  seen.deployments = std::move(element.deployments);
  seen.ready_tasks = std::move(element.ready_tasks);
  return seen;
}

std::string Look(const std::shared_ptr<const Service>& service) {
  if (service == nullptr) {
    return "";
  }
  std::string text(service->reason);
  const auto add = [&text](auto value) { text.append(" ").append(std::to_string(static_cast<int>(value))); };
  add(service->want), add(service->why), add(service->complete), add(service->missing);
  if (service->profile != nullptr) {
    for (const std::string& part : service->profile->names) {
      text.append(" ").append(part);
    }
    add(service->profile->checks.size());
  }
  for (const auto& i : service->instances) {
    text.append("\n").append(i->task).append("@").append(i->address).append(" ").append(i->host);
    text.append(" ").append(i->version).append(" ").append(i->reason);
    add(i->port), add(i->condition), add(i->want), add(i->why);
  }
  return text;
}

// Of reads that want the same one is made, at the earlier time.
bool Same(const ReadWanted& a, const ReadWanted& b) {
  return std::tie(a.what, a.app, a.version, a.host) == std::tie(b.what, b.app, b.version, b.host);
}

}  // namespace

Stage::Stage(std::shared_ptr<const Tale> tale, CatalogPolicy policy)
    : tale_(std::move(tale)), catalog_(std::move(policy)) {}

void Stage::Blame(std::string why) {
  if (violation_.empty()) {
    violation_ = std::move(why);
  }
}

void Stage::Push(Observation what) {
  if (std::holds_alternative<StreamAttached>(what)) {
    ++generation_;
  }
  oracle_.Hear(what, ++seq_);
  Envelope envelope{seq_, generation_, now_, std::move(what)};
  const Effects effects = catalog_.Step(envelope, now_);
  for (const ReadWanted& read : effects.reads) {
    const auto same = std::find_if(wanted_.begin(), wanted_.end(),
                                   [&](const ReadWanted& waiting) { return Same(waiting, read); });
    if (same == wanted_.end()) {
      wanted_.push_back(read);
    } else {
      same->not_before = std::min(same->not_before, read.not_before);
    }
  }
  CheckDirty(effects, "observation " + std::to_string(envelope.what.index()));
  // A deadline that was kept and is asked for again would keep the loop spinning.
  if (std::holds_alternative<Tick>(envelope.what) && effects.wake.has_value() && *effects.wake <= now_) {
    Blame("a wake that has passed is asked for again");
  }
  if (moment_ < tale_->moments.size()) {
    if (std::string wrong = oracle_.Judge(envelope.what, catalog_, *tale_->moments[moment_]);
        !wrong.empty()) {
      Blame(std::move(wrong));
    }
  }
  if (recording_ != nullptr) {
    recording_->steps.push_back({std::move(envelope), now_, effects.notes});
  }
}

// Whoever builds the dirty services alone must know all.
void Stage::CheckDirty(const Effects& effects, const std::string& what) {
  for (const ServiceKey& key : effects.dirty) {
    built_[key] = Look(catalog_.Build(key));
  }
  std::vector<ServiceKey> keys = catalog_.Keys();
  for (const AppId& app : catalog_.Apps()) {
    keys.push_back({app, kAnyPort});
  }
  for (const auto& [key, look] : built_) {
    if (!look.empty()) {  // else its app was forgotten: kAnyPort speaks for it
      keys.push_back(key);
    }
  }
  for (const ServiceKey& key : keys) {
    const auto known = built_.find(key);
    const std::string before = known == built_.end() ? "" : known->second;
    if (const std::string after = Look(catalog_.Build(key)); before != after) {
      Blame(what + " changed " + std::string(key.app) + ":" + std::to_string(key.port) +
            " and did not say so, from\n" + before + "\nto\n" + after);
    }
  }
}

void Stage::Deliver(const Tale::Said& said) {
  if (said.decoded == nullptr) {
    said.decoded = std::make_shared<const absl::StatusOr<DecodedEvent>>(DecodeEvent(said.json));
  }
  if (!said.decoded->ok()) {
    Blame("not decoded: " + Text(said.decoded->status()));
    return;
  }
  for (const Observation& what : (*said.decoded)->observations) {
    ++events_;
    Push(what);
  }
}

bool Stage::read_due() const {
  return std::any_of(wanted_.begin(), wanted_.end(),
                     [this](const ReadWanted& read) { return read.not_before <= now_; });
}

bool Stage::TakeDue(ReadWanted& wanted) {
  const auto due = std::find_if(wanted_.begin(), wanted_.end(),
                                [this](const ReadWanted& read) { return read.not_before <= now_; });
  if (due == wanted_.end()) {
    return false;
  }
  wanted = *due;
  wanted_.erase(due);
  return true;
}

void Stage::Begin(const ReadWanted& wanted, const Act& act) {
  Reading reading;
  reading.number = ++read_number_;
  reading.wanted = wanted;
  reading.answers = tale_->moments[act.at];
  reading.at = act.at;
  reading.mark = {seq_, generation_, act.foreign ? kOtherNode : reading.answers->Info().leader};
  under_way_.push_back(std::move(reading));
  ++reads_made_;
}

void Stage::AnswerApp(const Reading& reading, bool whole) {
  ReadEnded ended;
  ended.read = reading.number;
  ended.mark = reading.mark;
  ended.scope = ReadScope::kApp;
  ended.app = reading.wanted.app;
  const std::optional<Answers::Decoded>& element = reading.answers->DecodedApp(ended.app);
  if (!whole) {
    ended.status = absl::UnavailableError("broke off");
  } else if (!element.has_value()) {
    ended.status = absl::NotFoundError("no such app");
  } else if (element->ok()) {
    ended.apps = 1;
    Push(ToSeen(**element, reading));
  } else {
    Blame("not decoded: " + Text(element->status()));
  }
  Push(std::move(ended));
}

void Stage::AnswerSnapshot(const Reading& reading, bool whole) {
  ReadEnded ended;
  ended.read = reading.number;
  ended.mark = reading.mark;
  for (const Answers::Decoded& element : reading.answers->DecodedApps()) {
    if (!whole && ended.apps == 1) {
      break;
    }
    if (element.ok()) {
      ++ended.apps;
      Push(ToSeen(*element, reading));
    } else {
      Blame("not decoded: " + Text(element.status()));
    }
  }
  if (!whole) {
    ended.status = absl::UnavailableError("broke off");
  }
  Push(std::move(ended));
}

void Stage::AnswerVersion(const Reading& reading) {
  const ReadWanted& wanted = reading.wanted;
  VersionSeen seen{wanted.app, wanted.version, reading.answers->DecodedVersion(wanted.app, wanted.version),
                   absl::OkStatus()};
  if (seen.definition == nullptr) {
    seen.status = absl::NotFoundError("no such version");
  }
  Push(std::move(seen));
}

void Stage::Answer(const Reading& reading, bool whole) {
  switch (reading.wanted.what) {
    case ReadWanted::What::kSnapshot:
      AnswerSnapshot(reading, whole);
      break;
    case ReadWanted::What::kApp:
      AnswerApp(reading, whole);
      break;
    case ReadWanted::What::kVersion:
      AnswerVersion(reading);
      break;
    case ReadWanted::What::kInfo:
      break;  // answered as soon as it is wanted
    case ReadWanted::What::kResolve:
      Push(HostResolved{reading.wanted.host, {AddressOf(reading.wanted.host)}, absl::OkStatus()});
      break;
  }
  if (!whole) {
    wanted_.push_back(reading.wanted);  // whoever reads tries again
  }
}

void Stage::AnswerAll(const Act& act) {
  std::deque<ReadWanted> due;
  for (ReadWanted wanted; TakeDue(wanted);) {
    due.push_back(wanted);
  }
  for (const ReadWanted& wanted : due) {
    Begin(wanted, act);
    const Reading reading = under_way_.back();
    under_way_.pop_back();
    Answer(reading, true);
  }
}

void Stage::Play(const Act& act) {
  Do(act);
  // What Marathon says of itself is no matter of order.
  const auto info = std::find_if(wanted_.begin(), wanted_.end(), [](const ReadWanted& wanted) {
    return wanted.what == ReadWanted::What::kInfo;
  });
  if (info != wanted_.end()) {
    wanted_.erase(info);
    ++reads_made_;
    Push(tale_->moments[moment_]->Info());
  }
}

void Stage::Do(const Act& planned) {
  Act act = planned;
  if (!act.foreign) {
    act.at = std::max(act.at, moment_);  // no answer is older than what is known
  }
  const bool reads = act.kind != Act::Kind::kEvent && act.kind != Act::Kind::kLose &&
                     act.kind != Act::Kind::kPass && act.kind != Act::Kind::kEnd &&
                     act.kind != Act::Kind::kFail;
  if (reads && !act.foreign) {
    moment_ = std::max(moment_, act.at);
  }
  switch (act.kind) {
    case Act::Kind::kAttach:
      attached_ = true;
      stream_from_ = act.at;
      Push(StreamAttached{tale_->moments[act.at]->Info().leader});
      break;
    case Act::Kind::kLose:
      attached_ = false;
      Push(StreamLost{absl::UnavailableError("cut")});
      break;
    case Act::Kind::kEvent:
      moment_ = std::max(moment_, act.index + 1);
      Deliver(tale_->events[act.index]);
      break;
    case Act::Kind::kBegin:
      if (ReadWanted wanted; TakeDue(wanted)) {
        Begin(wanted, act);
      }
      break;
    case Act::Kind::kEnd:
    case Act::Kind::kFail:
      if (act.index < under_way_.size()) {
        const auto at = under_way_.begin() + static_cast<std::ptrdiff_t>(act.index);
        const Reading reading = std::move(*at);
        under_way_.erase(at);
        Answer(reading, act.kind == Act::Kind::kEnd);
      }
      break;
    case Act::Kind::kAnswer:
      AnswerAll(act);
      break;
    case Act::Kind::kSnapshot: {
      // Whoever reads has never two of them under way.
      for (size_t i = under_way_.size(); i-- > 0;) {
        if (under_way_[i].wanted.what == ReadWanted::What::kSnapshot) {
          Play(Act{.kind = Act::Kind::kEnd, .index = i});
        }
      }
      Begin({ReadWanted::What::kSnapshot, "", "", "", {}, "the schedule says so"}, act);
      const Reading reading = std::move(under_way_.back());
      under_way_.pop_back();
      Answer(reading, true);
      break;
    }
    case Act::Kind::kPass:
      now_ += act.time;
      Push(Tick{});
      break;
    case Act::Kind::kSettle:
      while (!under_way_.empty()) {
        Play(Act{.kind = Act::Kind::kEnd});
      }
      for (int i = 0; i < 100 && !wanted_.empty(); ++i) {
        AnswerAll(act);
        Play({Act::Kind::kPass, 0, 0, std::chrono::seconds(1)});
      }
      break;
  }
}

void Stage::Play(const std::vector<Act>& acts) {
  for (const Act& act : acts) {
    Play(act);
  }
}

void Stage::List(Inventory& to) const {
  catalog_.List(to);
  oracle_.List(to);
  to.Number(now_.time_since_epoch().count());
  to.Seq(seq_);
  to.Number(generation_);
  to.Read(read_number_);
  to.Number(static_cast<int64_t>(moment_));
  to.Number(attached_);
  to.Number(static_cast<int64_t>(stream_from_));
  const auto list = [&to](const ReadWanted& wanted) {
    to.Number(static_cast<int>(wanted.what));
    to.Text(wanted.app);
    to.Text(wanted.version);
    to.Text(wanted.host);
    to.Number(wanted.not_before.time_since_epoch().count());
  };
  for (const ReadWanted& wanted : wanted_) {
    list(wanted);
  }
  for (const Reading& reading : under_way_) {
    list(reading.wanted);
    to.Read(reading.number);
    to.Seq(reading.mark.begun_after);
    to.Number(reading.mark.generation);
    to.Text(reading.mark.leader);
    to.Number(static_cast<int64_t>(reading.at));
  }
  to.Text(violation_);
}

uint64_t Stage::Digest() const {
  return DigestOf([this](Inventory& to) { List(to); });
}

Desired Stage::Want() const {
  Desired lines;
  for (const ServiceKey& key : catalog_.Keys()) {
    const std::shared_ptr<const Service> service = catalog_.Build(key);
    for (const auto& instance : service->instances) {
      if (instance->want == dispatcher::Want::kYes) {
        lines.push_back(instance->profile->names.front() + " " + std::string(instance->address) + ":" +
                        std::to_string(instance->port) + " " + std::string(instance->task) +
                        (instance->condition == Condition::kCritical ? " critical" : " passing"));
      }
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

Desired Truth(const std::shared_ptr<const Tale>& tale, size_t at, const CatalogPolicy& policy) {
  Stage fresh(tale, policy);
  fresh.Play({{Act::Kind::kAttach, 0, at}, {Act::Kind::kSettle, 0, at}});
  return fresh.Want();
}

}  // namespace dispatcher::schedule
