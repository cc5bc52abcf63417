// What the engine shows of itself: plain values, copied out under its locks.
//
// admin/ turns these into metrics, JSON and the page; nothing here knows of
// Prometheus or HTTP. Ages are measured at the moment of the report.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/catalog/catalog.h"
#include "dispatcher/engine/histogram.h"
#include "dispatcher/leader/leadership.h"
#include "dispatcher/marathon/client/stream_counters.h"
#include "dispatcher/model/note.h"
#include "dispatcher/model/service.h"
#include "dispatcher/reconcile/reconciler.h"

namespace dispatcher {

// The event stream.
struct StreamReport {
  StreamCounters now;
  std::optional<Duration> silent_for;  // since the last byte; none before the first
  std::optional<Duration> down_for;    // since the stream was lost, or since the start; none while attached
};

// Reads of one kind that ended, since start. What a new stream broke off is left out.
struct ReadCounts {
  uint64_t ok = 0;
  uint64_t not_found = 0;  // an answer, too: there is no such app or version
  uint64_t failed = 0;
  HistogramReport seconds;  // all three
};

// Reads of Marathon; counters since start.
struct ReadsReport {
  size_t pending = 0;  // wanted and not begun
  size_t in_flight = 0;
  ReadCounts snapshots, apps, versions, infos;
  uint64_t collapsed = 0;                     // wanted reads that joined one that waited already
  std::optional<Duration> last_snapshot_age;  // since the last complete one ended
  std::optional<Duration> next_snapshot_in;
  std::string last_error;             // of the newest failed read; "" after a success
  std::vector<std::string> bad_apps;  // elements of the last snapshot that could not be decoded
};

struct InboxReport {
  bool idle = false;  // nothing is queued, and what was taken has been worked off
  size_t depth = 0;
  size_t peak = 0;  // largest depth since start
  uint64_t last_seq = 0;
  uint32_t generation = 0;
};

struct AdapterReport {
  std::string name;
  std::string type;
  ReconcileReport state;
  HistogramReport latency;        // receipt of the fact -> registered, seconds; events only
  HistogramReport write_seconds;  // one Adapter::Write
  HistogramReport read_seconds;   // one Adapter::Read of a lane
  uint64_t writes = 0;            // calls
  uint64_t reads = 0;
  uint64_t failed_reads = 0;
};

struct EngineReport {
  bool started = false;
  bool stopping = false;
  bool dry_run = false;  // plans, and writes nothing
  bool ready = false;
  std::vector<std::string> not_ready;  // why not, in words
  std::vector<std::string> degraded;   // what an operator should look at although it is ready
  Duration uptime{};                   // of the process
  Duration settings_age{};  // since this engine began with its settings: all counters begin with it
  LeaderReport leader;
  std::string marathon_version;
  StreamReport stream;
  InboxReport inbox;
  ReadsReport reads;
  CatalogCounts catalog;
  size_t services = 0;
  size_t static_questions = 0;          // of static services, being asked or due
  HistogramReport step_seconds;         // one round of the catalog: drained, merged, built, offered
  std::vector<AdapterReport> adapters;  // sorted by name
};

// One decision out of the history, numbered from 1 without gaps.
struct Decision {
  uint64_t number = 0;
  WallMs at = 0;
  std::string source;  // "catalog", or an adapter's name
  Note note;
};

// Which of those that are kept.
struct DecisionQuery {
  uint64_t after = 0;       // with a higher number; one that was never given leaves none out
  size_t limit = SIZE_MAX;  // the newest so many
  AppId app = {};           // "": of all and of none
  WallMs since = 0;         // made then or later
};

// What an adapter would write now if nothing were held or failing.
struct AdapterPlan {
  std::string adapter;
  bool complete = false;  // the catalog is synced and offered, and every lane was read
  std::vector<Change> changes;
  size_t right = 0;  // wanted entries that are there as they should be
};

}  // namespace dispatcher
