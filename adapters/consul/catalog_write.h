// One Adapter::Write of the catalog mode: packs changes into transactions, sends
// them one after the other, and repairs those that Consul refuses.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adapters/consul/api.h"
#include "adapters/consul/catalog_book.h"
#include "adapters/consul/txn.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// Used once, by one thread.
class CatalogWrite {
 public:
  CatalogWrite(const ConsulApi& api, std::string_view owner, CatalogBook& book,
               std::span<const Change> changes, Mono deadline, const Cancel& cancel);

  // An operation for the head of each transaction, txn.h's SessionCheck; "": none.
  CatalogWrite& CheckFirst(std::string session_check);
  // Emptied nodes stay: somebody else may be putting something there.
  CatalogWrite& KeepNodes(bool keep);
  // One status a change, by adapter.h's codes.
  std::vector<absl::Status> Run();

 private:
  struct Item {
    size_t change = 0;
    bool repaired = false;  // was refused once and goes for the second time
  };
  // What one operation of a transaction is for.
  struct Purpose {
    enum What { kChange, kNodeSet, kNodeDelete } what = kChange;
    size_t item = 0;   // kChange: index in Txn::items
    std::string node;  // the others
  };
  struct Txn {
    std::vector<Item> items;
    std::vector<std::string> operations;
    std::vector<Purpose> purposes;
    size_t bytes = 0;
    size_t reserved = 0;                                      // for operations on nodes, at the end
    std::map<std::string, std::vector<std::string>> leaving;  // node -> service ids deleted here
    std::set<std::string> staying;                            // nodes that get a service here
  };

  // Takes changes off the queue until a transaction is full.
  Txn Pack();
  // False if the change does not fit any more; refused changes count as packed.
  bool PackPut(const Item& item, Txn& txn);
  bool PackDelete(const Item& item, Txn& txn);
  bool Fits(const Txn& txn, size_t operations, size_t bytes) const;
  // The operation that the node needs first: "" if it is there. Refused if the
  // node is somebody else's.
  absl::StatusOr<std::string> NodeOperation(const std::string& node, const Entry& entry);
  // Deletes the nodes that the transaction empties.
  void PackEmptiedNodes(Txn& txn);
  bool HoldsNothingElse(const std::string& node, const std::vector<std::string>& leaving);

  void StopIfTooLate();
  void Send(Txn txn);
  void Applied(const Txn& txn);
  void Repair(const Txn& txn, const std::vector<TxnOutcome::Bad>& errors);

  // Ends everything that is not decided: Consul does not answer, or time is up.
  void StopWith(const absl::Status& status) { stop_ = status; }
  void Decide(const Item& item, absl::Status status) { results_[item.change] = std::move(status); }
  std::string Node(const Item& item) const;
  std::string ServiceIdOf(const Item& item) const;

  const ConsulApi& api_;
  const std::string owner_;
  CatalogBook& book_;
  const std::span<const Change> changes_;
  const Mono deadline_;
  const Cancel& cancel_;

  std::string session_check_;
  std::deque<Item> queue_;
  std::vector<absl::Status> results_;
  absl::Status stop_;
  size_t max_operations_ = kTxnOperations;
  size_t max_bytes_ = kTxnBytes;
  bool keep_nodes_ = false;  // a node could not be deleted: leave that for a full pass
};

}  // namespace dispatcher
