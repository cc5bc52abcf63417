#include "tests/marathon_sim/streams.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

namespace dispatcher::sim {

// Takes events through the faults and onto the wire. One thread.
class Streams::Writer {
 public:
  Writer(const Subscription& subscription, const HttpSink& sink, uint64_t number)
      : subscription_(subscription), sink_(sink), number_(number) {}

  void SetFaults(const Faults& faults) {
    if (faults.seed != faults_.seed || !seeded_) {
      random_.seed(faults.seed * 7919 + number_);
      seeded_ = true;
    }
    faults_ = faults;
  }

  void Take(const EventPtr& event, Mono now) {
    const auto& types = subscription_.types;
    const auto holds = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), event->type) != list.end();
    };
    if ((!types.empty() && !holds(types)) || holds(faults_.drop_types)) {
      return;
    }
    // One's own attachment is never tampered with: without it nobody gets anywhere.
    const bool plain = event->type == "event_stream_attached";
    if (!plain && Percent(faults_.drop_percent)) {
      return;
    }
    const int copies = !plain && Percent(faults_.double_percent) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      const auto delay =
          std::chrono::milliseconds(faults_.delay_ms > 0 && !plain ? Below(faults_.delay_ms + 1) : 0);
      Mono& last = last_due_[event->emitter];
      last = std::max(last, now + delay);
      staged_.push_back({event, last, now});
    }
  }

  // Writes what is due. False: the stream is to end.
  bool WriteDue(Mono now, uint64_t& bytes) {
    while (const auto index = Choose(now)) {
      const EventPtr event = staged_[*index].event;
      staged_.erase(staged_.begin() + static_cast<std::ptrdiff_t>(*index));
      std::string frame = Frame(*event);
      ++written_;
      const bool cut = faults_.cut_after_events > 0 && written_ >= faults_.cut_after_events;
      if (cut) {
        frame.resize(frame.size() / 2);
      }
      bytes += frame.size();
      if (!Write(frame) || cut) {
        return false;
      }
    }
    return true;
  }

  // When WriteDue may have something; nullopt: not before the next event.
  std::optional<Mono> NextDue() const {
    std::optional<Mono> next;
    for (const Staged& staged : staged_) {
      const Mono due = faults_.reorder > 1 ? std::max(staged.due, staged.since + kGather) : staged.due;
      next = next ? std::min(*next, due) : due;
    }
    return next;
  }

  // A lone blank line, in two segments as Jetty sends it.
  bool Heartbeat() { return sink_("\r") && sink_("\n"); }

 private:
  // How long a window is waited for to fill.
  static constexpr auto kGather = std::chrono::milliseconds(20);

  struct Staged {
    EventPtr event;
    Mono due;
    Mono since;
  };

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool Percent(int percent) { return percent > 0 && Below(100) < percent; }

  // The next to be written: due, and the first of its emitter that is staged.
  std::optional<size_t> Choose(Mono now) {
    const size_t window = static_cast<size_t>(std::max(faults_.reorder, 1));
    const bool gathering = window > 1 && staged_.size() < window;
    std::vector<size_t> candidates;
    std::set<std::string_view> emitters;
    const bool waits = faults_.delay_ms > 0;
    for (size_t i = 0; i < staged_.size() && (waits || i < window); ++i) {
      const bool first = emitters.insert(staged_[i].event->emitter).second;
      const bool patient = gathering && now < staged_.front().since + kGather;
      if (first && staged_[i].due <= now && !patient) {
        candidates.push_back(i);
      }
    }
    if (candidates.empty()) {
      return std::nullopt;
    }
    return window > 1 ? candidates[static_cast<size_t>(Below(static_cast<int>(candidates.size())))]
                      : candidates.front();
  }

  std::string Frame(const world::Event& event) const {
    const std::string& data =
        subscription_.light && !event.light_json.empty() ? event.light_json : event.json;
    return (subscription_.named ? "event: " + event.type + "\r\n" : "") + "data: " + data + "\r\n\r\n";
  }

  bool Write(std::string_view bytes) {
    while (faults_.split_writes && bytes.size() > 7) {
      const size_t piece = 1 + static_cast<size_t>(Below(7));
      if (!sink_(bytes.substr(0, piece))) {
        return false;
      }
      bytes.remove_prefix(piece);
    }
    return bytes.empty() || sink_(bytes);
  }

  const Subscription& subscription_;
  const HttpSink& sink_;
  const uint64_t number_;
  Faults faults_;
  bool seeded_ = false;
  std::mt19937_64 random_;
  std::deque<Staged> staged_;
  std::map<std::string, Mono, std::less<>> last_due_;
  int written_ = 0;
};

void Streams::Publish(const std::vector<EventPtr>& events) {
  MutexLock lock(mutex_);
  for (const auto& queue : queues_) {
    for (const EventPtr& event : events) {
      const bool full = queue->writing && queue->events.size() >= static_cast<size_t>(options_.buffer);
      if (!full && !faults_.overflow) {
        queue->events.push_back(event);
      } else if (options_.overflow_closes) {
        queue->closed = true;
      }
    }
  }
  changed_.NotifyAll();
}

void Streams::SetFaults(const Faults& faults) {
  MutexLock lock(mutex_);
  faults_ = faults;
  changed_.NotifyAll();
}

void Streams::CloseAll() {
  MutexLock lock(mutex_);
  for (const auto& queue : queues_) {
    queue->closed = true;
  }
  changed_.NotifyAll();
}

size_t Streams::open() const {
  MutexLock lock(mutex_);
  return queues_.size();
}

uint64_t Streams::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

void Streams::Serve(const Subscription& subscription, const std::function<void()>& subscribed,
                    const HttpSink& sink) {
  const auto queue = std::make_shared<Queue>();
  uint64_t number = 0;
  {
    MutexLock lock(mutex_);
    queues_.push_back(queue);
    number = ++served_;
  }
  subscribed();
  Writer writer(subscription, sink, number);
  const auto heartbeat = std::chrono::milliseconds(options_.heartbeat_ms);
  Mono beat = MonoClock::now() + heartbeat;
  Mono look = MonoClock::now();
  while (true) {
    std::deque<EventPtr> batch;
    Faults faults;
    uint64_t bytes = 0;
    {
      MutexLock lock(mutex_);
      queue->writing = false;
      Mono until = look + std::chrono::milliseconds(200);
      if (!faults_.stall) {
        until = std::min(until, beat);
      }
      if (const auto due = writer.NextDue(); due && !faults_.stall) {
        until = std::min(until, *due);
      }
      while ((queue->events.empty() || faults_.stall) && !queue->closed &&
             changed_.WaitUntil(mutex_, until)) {
      }
      if (queue->closed) {
        break;
      }
      faults = faults_;
      if (!faults.stall) {
        batch.swap(queue->events);
      }
      queue->writing = true;
    }
    const Mono now = MonoClock::now();
    writer.SetFaults(faults);
    for (const EventPtr& event : batch) {
      writer.Take(event, now);
    }
    bool alive = true;
    if (!faults.stall) {
      alive = writer.WriteDue(now, bytes);
      if (alive && now >= beat) {
        alive = writer.Heartbeat();
        beat = now + heartbeat;
      }
    }
    if (alive && now >= look + std::chrono::milliseconds(200)) {
      alive = sink("");
      look = now;
    }
    MutexLock lock(mutex_);
    bytes_ += bytes;
    if (!alive) {
      break;
    }
  }
  MutexLock lock(mutex_);
  std::erase(queues_, queue);
}

}  // namespace dispatcher::sim
