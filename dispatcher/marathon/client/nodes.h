// The Marathon nodes we may ask, and which of them may see our credentials.
//
// Rule: `Authorization` goes to an origin (scheme, host and port) that is in
// `marathon.urls`, and to no other unless `marathon.trust_leader` is set. A
// redirect and X-Marathon-Leader name hosts that some server chose; following them
// is harmless, handing them a password is not. Marathon >= 1.7.50 redirects the
// stream to the leader's --hostname, so with authentication either all nodes are
// listed or trust_leader is set; the 401 that follows otherwise says so.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "dispatcher/base/status.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/marathon/client/credentials.h"
#include "dispatcher/net/client.h"

namespace dispatcher {

// Thread-safe; shared by the stream and the reads.
class Nodes {
 public:
  // InvalidArgument names the setting and the url.
  // `clock` outlives the nodes.
  static absl::StatusOr<std::shared_ptr<Nodes>> Make(const MarathonSettings& settings,
                                                     const Clock& clock = SystemClock());

  const std::vector<Url>& configured() const { return configured_; }

  // True if `node` may be sent our credentials.
  bool Trusts(const Url& node) const;
  // The `Authorization` header for `node`, or none. Fails as Credentials does.
  absl::StatusOr<HttpHeaders> HeadersFor(const Url& node, const Cancel& cancel);
  // A 401 came from `node`: forgets the secret. False if asking again is
  // pointless, because nothing was or would be sent.
  bool Refused(const Url& node);

  // The error for a 401 or 403 of `node`, with the remedy.
  absl::Status Refusal(const Url& node, int status) const;

  // The node that answers the event stream now: asked first by the reads, so that
  // they see what the stream has told (reads on the leader are served from the
  // memory that its events come from). nullopt: no stream.
  void SetStreamNode(std::optional<Url> node);
  // In which order a read asks: the stream's node if it may be asked, then the
  // configured ones.
  std::vector<Url> ReadOrder() const;

  // A client for that node. Made once for each and kept: connections are pooled.
  std::shared_ptr<HttpClient> ClientFor(const Url& node);

 private:
  Nodes(const MarathonSettings& settings, const Clock& clock);

  std::vector<Url> configured_;
  const bool trust_leader_;
  const ClientTls tls_;
  Credentials credentials_;
  mutable Mutex mutex_;
  std::optional<Url> stream_node_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<HttpClient>> clients_ ABSL_GUARDED_BY(mutex_);
};

// X-Marathon-Leader without its scheme ("http://m1:8080" -> "m1:8080"), the form
// that /v2/leader has too; without the header host:port of the node that answered.
std::string AnsweringLeader(const HttpHeaders& headers, const Url& node);

}  // namespace dispatcher
