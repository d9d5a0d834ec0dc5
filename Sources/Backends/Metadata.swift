package import Digests
package import Resources

// The metadata database as small contracts; every back end implements each of them, and
// `Tests/Conformance` holds what they promise. Those for operators are in `Operations.swift`.

/// Stored responses by their key.
package protocol Responses: Sendable {
    func response(for key: CacheKey) async throws(StoreError) -> StoredResponse?

    /// Stores a response, and the facts of the document if it is one, in one transaction.
    ///
    /// Returns when a reader would find them; a crash of the machine may lose the last moments.
    /// Facts of the same document that are not among `facts` go, and all those of smaller documents
    /// of the same name (``CacheKey/partPrefix``), which this one says everything of. Responses of
    /// files stay.
    func store(_ response: StoredResponse, facts: [FileFact]) async throws(StoreError)

    /// Updates headers, times and withdrawal of a response whose bytes are still the same ones
    /// (RFC 9111 section 4.3.4); does nothing when the stored body is another by now.
    ///
    /// - Returns: Whether there was such a response.
    @discardableResult
    func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool

    func remove(_ key: CacheKey) async throws(StoreError)

    /// Removes responses, but none that was used or stored since its row was read, in one
    /// transaction.
    ///
    /// - Parameter rows: A few hundred at most; each key once.
    /// - Returns: What went, and whose bodies nobody has any more.
    /// - Throws: What the store does; then nothing went.
    func remove(_ rows: [StoredRow]) async throws(StoreError) -> Removal

    /// Running totals, without a scan.
    func totals() async throws(StoreError) -> StoreTotals

    /// The responses of a kind by their last use, oldest first: what eviction takes.
    ///
    /// Costs as much as it returns, however much is stored.
    func leastRecentlyUsed(
        _ kind: StoredResponse.Kind, after mark: UseMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, UseMark>

    /// Whether any stored response still has this body.
    func isReferenced(_ body: BlobDigest) async throws(StoreError) -> Bool
}

/// What became of rows that were to go.
package struct Removal: Sendable, Hashable {
    /// Those that this call removed, in the order in which they were given.
    package let rows: [StoredRow]
    /// Of their bodies those that no response has any more.
    package let released: Set<BlobDigest>

    /// - Parameters:
    ///   - asked: The rows that were to go.
    ///   - gone: The keys of those that went.
    ///   - unreferenced: Bodies that no response has; may hold others, too.
    package init(of asked: [StoredRow], gone: Set<CacheKey>, unreferenced: Set<BlobDigest>) {
        rows = asked.filter { gone.contains($0.response.key) }
        released = unreferenced.intersection(rows.map(\.response.body))
    }
}

/// How much is stored.
package struct StoreTotals: Sendable, Hashable {
    package var responseCount: Int
    /// The bytes of all bodies; a body that several responses share counts once for each.
    package var byteCount: Int

    package init(responseCount: Int, byteCount: Int) {
        self.responseCount = responseCount
        self.byteCount = byteCount
    }
}

/// Facts of files, written by `Responses.store`.
package protocol Facts: Sendable {
    /// What the newest document of this upstream that named the file says of it.
    func fact(for artifact: CacheKey) async throws(StoreError) -> FileFact?

    /// The earliest publication among the files of a document, in seconds since 1970.
    func earliestPublication(in document: CacheKey) async throws(StoreError) -> Int64?
}

/// The digests with which artifacts were first seen: append-only (rule I3).
package protocol Pins: Sendable {
    func pin(for artifact: CacheKey) async throws(StoreError) -> BlobDigest?

    /// Writes the pin if there is none; durable when it returns.
    ///
    /// - Returns: The pin that holds now, which is an older one when there was one.
    func pin(_ artifact: CacheKey, to digest: BlobDigest) async throws(StoreError) -> BlobDigest
}

/// When responses were last used, in batches: a hit writes nothing.
package protocol Accesses: Sendable {
    /// Takes key to last use in seconds since 1970; later ones win.
    func record(_ uses: [CacheKey: Int64]) async throws(StoreError)
}

/// Alerts worth a row.
package protocol Events: Sendable {
    func record(_ event: StoredEvent) async throws(StoreError)

    /// The newest events first.
    func recent(limit: Int) async throws(StoreError) -> [StoredEvent]
}

/// One event: closed vocabulary, bounded text.
package struct StoredEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case integrityFailure, pinConflict, withdrawn, storeFailure
        /// A newer version of a document was not taken, and the operator may accept it.
        case heldBack
        case accepted, purged, drillBegan, drillEnded
        /// Of the token of this name.
        case tokenCreated, tokenRevoked
    }

    package let kind: Kind
    /// In seconds since 1970.
    package let at: Int64
    /// The upstream's label, or empty.
    package let upstream: String
    /// The resource's name or a fixed text, at most 512 bytes are kept.
    package let subject: String

    package init(kind: Kind, at: Int64, upstream: String, subject: String) {
        self.kind = kind
        self.at = at
        self.upstream = upstream
        self.subject = String(decoding: subject.utf8.prefix(512), as: UTF8.self)
    }
}
