package import Digests
package import Resources

// What operators do beside running servers: all of it is rows, so whoever can write to the
// database may do it, and every server that reads it learns of it.

/// Decisions of operators, and the log of changes by which running servers learn of them.
package protocol Operations: Sendable {
    /// Lets the next version of a document be taken without a judgement, until that second.
    ///
    /// A later call takes the place of an earlier one.
    func accept(_ document: CacheKey, until end: Int64) async throws(StoreError)

    /// Whether an acceptance of the document holds; it holds on.
    func isAccepted(_ document: CacheKey, at now: Int64) async throws(StoreError) -> Bool

    /// Uses up the acceptance of a document.
    ///
    /// - Returns: Whether there was one that held: of many that ask at once, one is told so.
    func takeAcceptance(of document: CacheKey, at now: Int64) async throws(StoreError) -> Bool

    /// The documents of which a newer version is held back now (``StoredResponse/heldBack``),
    /// by their keys' order.
    func heldBack(limit: Int) async throws(StoreError) -> [StoredResponse]

    /// How many documents those are, but no more than `limit`; reads an index only.
    func heldBackCount(limit: Int) async throws(StoreError) -> Int

    /// The renderings that were made from a document's body; costs a scan.
    func renderings(of body: BlobDigest) async throws(StoreError) -> [StoredResponse]

    /// Takes responses out for good, and notes a ``Change/Kind/purged`` of each, all in one
    /// transaction.
    ///
    /// A document goes with its facts, and with an acceptance of its next version. Durable when it
    /// returns.
    ///
    /// - Returns: What was there, in the order of the keys.
    func purge(_ keys: [CacheKey], at now: Int64) async throws(StoreError) -> [StoredResponse]

    /// Makes documents stale, and notes a ``Change/Kind/wanted`` of each, all in one transaction.
    ///
    /// Nothing else of their rows changes, which a server may be writing at the same time. Where
    /// nothing is stored, it is noted all the same.
    func want(_ documents: [CacheKey], at now: Int64) async throws(StoreError)

    /// Adds to the log of changes, and drops what is older than ``Change/keptSeconds``.
    ///
    /// Numbers grow in the order in which readers see them: who has seen one never finds a lower
    /// one later.
    func note(_ change: Change, at now: Int64) async throws(StoreError)

    /// What was noted after a change of this number, oldest first; 0 is before all.
    func changes(after number: Int64) async throws(StoreError) -> ChangeLog

    /// The number of the newest change; 0 before the first.
    func newestChange() async throws(StoreError) -> Int64

    /// What was noted after a change of this number but for ``Change/Kind/changed``, oldest first:
    /// what a server still has to do that knows nothing of what is stored yet.
    ///
    /// In batches as ``changes(after:)``; complete as far as it was kept.
    func orders(after number: Int64) async throws(StoreError) -> ChangeLog

    /// Cuts upstreams off, by their labels; one that is cut already stays so since then.
    func beginDrill(_ upstreams: [String], at now: Int64) async throws(StoreError)

    /// Ends the drill of these upstreams; others are left as they are.
    func endDrill(_ upstreams: [String]) async throws(StoreError)

    /// The upstreams that are cut off, by their labels' order.
    func drills() async throws(StoreError) -> [Drill]
}

/// One thing that an operator did to what is stored.
package struct Change: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The row is another one than before.
        case changed
        /// The row is gone, with what it said.
        case purged
        /// The upstream shall be asked now.
        case wanted
        /// Tokens of clients were made or revoked; the key is ``Change/tokensKey``.
        case tokens
    }

    /// Stands for all tokens; no response has this key.
    package static let tokensKey = CacheKey(stored: "tokens")

    /// For how long a change stays in the log, in seconds.
    package static let keptSeconds: Int64 = 86_400
    /// How many changes one answer holds at most.
    package static let batchCount = 1_000

    package let kind: Kind
    package let key: CacheKey
    /// The body that the row had, if nothing may need it any more.
    package let released: BlobDigest?

    package init(kind: Kind, key: CacheKey, released: BlobDigest? = nil) {
        self.kind = kind
        self.key = key
        self.released = released
    }
}

/// A part of the log of changes.
package struct ChangeLog: Sendable, Hashable {
    /// At most ``Change/batchCount``, oldest first.
    package let changes: [Change]
    /// The number of the last one; that which was asked for if there is none.
    package let last: Int64
    /// Whether nothing in between was dropped because it was too old.
    package let isComplete: Bool

    package init(changes: [Change], last: Int64, isComplete: Bool) {
        self.changes = changes
        self.last = last
        self.isComplete = isComplete
    }
}

/// An upstream that is cut off for a rehearsal.
package struct Drill: Sendable, Hashable {
    package let upstream: String
    /// In seconds since 1970.
    package let beganAt: Int64

    package init(upstream: String, beganAt: Int64) {
        self.upstream = upstream
        self.beganAt = beganAt
    }
}

/// Outages of upstreams as rows, which outlive a restart in the middle.
package protocol Outages: Sendable {
    /// Opens a row, unless one of this upstream is open already.
    func beginOutage(of upstream: String, at now: Int64) async throws(StoreError)

    /// Adds to the requests that were served in the open outage of an upstream; does nothing when
    /// none is open.
    func countServed(_ count: Int, inOutageOf upstream: String) async throws(StoreError)

    /// Closes the open row of an upstream, and adds to the requests that were served meanwhile.
    ///
    /// - Returns: The row as it is now, or nil when none was open.
    func endOutage(
        of upstream: String, at now: Int64, servedCount: Int
    ) async throws(StoreError) -> Outage?

    /// The outages that have not ended, by their upstreams' order.
    func openOutages() async throws(StoreError) -> [Outage]

    /// The outages that began last, newest first; at least ``Outage/keptCount`` are kept.
    func outages(limit: Int) async throws(StoreError) -> [Outage]
}

/// From the first failure to the next success of one upstream.
package struct Outage: Sendable, Hashable {
    /// How many outages a store keeps; older ones that have ended may go.
    package static let keptCount = 10_000

    package let upstream: String
    /// In seconds since 1970.
    package let beganAt: Int64
    /// In seconds since 1970; nil while it goes on.
    package let endedAt: Int64?
    /// The requests that were answered from what is stored meanwhile, as far as they were counted.
    package let servedCount: Int

    package init(upstream: String, beganAt: Int64, endedAt: Int64?, servedCount: Int) {
        self.upstream = upstream
        self.beganAt = beganAt
        self.endedAt = endedAt
        self.servedCount = servedCount
    }
}
