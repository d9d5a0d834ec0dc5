package import Digests
package import Resources

/// All rows of the database, page by page, for commands that look at everything or move it.
///
/// A page is one short question, so that a running server is not kept waiting. Rows that come or go
/// meanwhile may be missed or seen; nothing that stays is.
package protocol Inventory: Sendable {
    /// Stored responses by their keys' order.
    func rows(
        after key: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, CacheKey>

    /// Stored responses by the order of their bodies' digests.
    func rows(
        afterBody mark: BodyMark?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredRow, BodyMark>

    /// Which of these bodies some stored response has.
    func referenced(_ bodies: [BlobDigest]) async throws(StoreError) -> Set<BlobDigest>

    /// How much is stored under keys that begin so, ASCII of at least one byte; costs as much as there is.
    func totals(ofKeys prefix: String) async throws(StoreError) -> StoreTotals

    /// Facts of files, by the order of the files' keys.
    func facts(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredFact, CacheKey>

    /// Pins by the order of their files' keys.
    func pins(
        after artifact: CacheKey?, limit: Int
    ) async throws(StoreError) -> RowPage<StoredPin, CacheKey>

    /// All acceptances of documents, by their keys' order; each ends within a day.
    func acceptances() async throws(StoreError) -> [StoredAcceptance]

    /// Takes over rows of another database, in one transaction; one that was validated later stays.
    ///
    /// A key that is too long for this database is left out.
    func take(rows: [StoredRow]) async throws(StoreError)

    /// Takes over facts of another database, in one transaction.
    func take(facts: [StoredFact]) async throws(StoreError)

    /// Takes over pins of another database, durably; one that is there stays as it is (rule I3).
    ///
    /// - Returns: Those that are there with another digest than the given one.
    func take(pins: [StoredPin]) async throws(StoreError) -> [StoredPin]
}

/// Some rows in their order, and where the next ones begin.
package struct RowPage<Row: Sendable & Equatable, Mark: Sendable & Equatable>: Sendable, Equatable {
    /// Rows that make no sense are left out, so there may be fewer than were asked for.
    package let rows: [Row]
    /// nil after the last one.
    package let next: Mark?

    package init(rows: [Row], next: Mark?) {
        self.rows = rows
        self.next = next
    }
}

/// A stored response with what only its row knows.
package struct StoredRow: Sendable, Hashable {
    package let response: StoredResponse
    /// When it was used last, in seconds since 1970.
    package let usedAt: Int64

    package init(response: StoredResponse, usedAt: Int64) {
        self.response = response
        self.usedAt = usedAt
    }
}

/// A place in the order of last use.
package struct UseMark: Sendable, Hashable {
    /// In seconds since 1970.
    package let usedAt: Int64
    /// What tells rows of one second apart; of one database only.
    package let number: Int64

    package init(usedAt: Int64, number: Int64) {
        self.usedAt = usedAt
        self.number = number
    }
}

/// A place in the order of bodies.
package struct BodyMark: Sendable, Hashable {
    package let body: BlobDigest
    /// What tells rows of one body apart; of one database only.
    package let number: Int64

    package init(body: BlobDigest, number: Int64) {
        self.body = body
        self.number = number
    }
}

/// What a document says of one file, with both their keys.
package struct StoredFact: Sendable, Hashable {
    package let document: CacheKey
    package let artifact: CacheKey
    package let fact: FileFact

    package init(document: CacheKey, artifact: CacheKey, fact: FileFact) {
        self.document = document
        self.artifact = artifact
        self.fact = fact
    }
}

/// The digest with which a file was first seen.
package struct StoredPin: Sendable, Hashable {
    package let artifact: CacheKey
    package let digest: BlobDigest

    package init(artifact: CacheKey, digest: BlobDigest) {
        self.artifact = artifact
        self.digest = digest
    }
}

/// Until when the next version of a document is taken without a judgement.
package struct StoredAcceptance: Sendable, Hashable {
    package let document: CacheKey
    /// In seconds since 1970.
    package let endsAt: Int64

    package init(document: CacheKey, endsAt: Int64) {
        self.document = document
        self.endsAt = endsAt
    }
}
