// What `dispatcher sync` has to say, in words and as JSON.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/adoption.h"
#include "dispatcher/engine/report.h"

namespace dispatcher {

struct SyncReport {
  bool dry_run = false;
  EngineReport engine;
  std::vector<AdapterPlan> plans;
  std::vector<std::string> waiting;  // what had not come when the time was over
  std::vector<std::pair<std::string, std::vector<Adoption>>> adopted;  // by adapter
};

// "service node-1 web", for people.
std::string WhatOf(const EntryId& id);

// True if every adapter holds what it should and nothing more of ours.
bool EverythingEquals(const SyncReport& report);

void PrintSync(const SyncReport& report, std::ostream& out);
std::string SyncJson(const SyncReport& report);

}  // namespace dispatcher
