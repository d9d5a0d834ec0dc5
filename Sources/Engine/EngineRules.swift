package import CacheRules

/// The engine's settings that are the same for all mounts; each has a unit.
package struct EngineRules: Sendable, Hashable {
    /// How long a 404 or 410 without a stored copy is remembered, in seconds.
    package var negativeSeconds: Int64 = 30
    /// How long a client waits for the validation of what we hold, in nanoseconds.
    package var validationBudget: UInt64 = 1_500_000_000
    /// A document of which fewer bytes have come when a client has waited its budget creeps: its
    /// upstream counts as one that does not answer.
    package var creepingByteCount = 64 << 10
    /// Its body must have had so long since the head, in nanoseconds.
    package var creepingNanoseconds: UInt64 = 1_000_000_000
    /// A client's `no-cache` is honoured at most this often for one document, in seconds.
    package var refreshIntervalSeconds: Int64 = 5
    /// How often the database is asked what operators did; nil where nobody else writes to it.
    package var operationsInterval: Duration?
    package var eviction = EvictionRule(limitBytes: 50 << 30)
    /// Whether files that go make room for the database.
    package var databaseSharesDisk = true
    package var withdrawal = WithdrawalRule()
    package var retry = RetryRule()
    /// No new try of a fetch begins later than this after the first, in nanoseconds.
    package var retryBudget: UInt64 = 8_000_000_000
    /// The most bytes of a document, after decoding.
    package var documentByteLimit = 128 << 20
    package var artifactByteLimit = 16 << 30
    /// The tail of a body that is held back until its digest matched, in bytes.
    package var heldBackByteCount = 64 << 10
    /// For how long an artifact's transfer goes on for which nobody waits any more, before it is
    /// judged by ``desertion``.
    package var desertionGrace = Duration.seconds(5)
    package var desertion = DesertionRule()
    /// Artifacts under way at once.
    package var fillLimit = 256
    /// Documents and renderings under way at once.
    package var pageLimit = 512
    /// Forwarded requests under way at once.
    package var forwardLimit = 64
    /// Bytes of answers to them that wait for their clients.
    package var forwardedByteLimit = 64 << 20
    /// Bytes of pointers, such as registries' manifests, that are read at once; one whose length is
    /// not known counts as 4 MiB.
    package var pointerByteLimit = 64 << 20
    /// Bytes of documents that are screened at once, each of which takes some three times its size of
    /// memory; not less than ``documentByteLimit``, or the longest could not be.
    package var screenedByteLimit = 128 << 20
    /// Fetches under way at once of what our own stores cannot tell of, because the database or the
    /// bucket does not answer: nothing else protects the upstream then.
    package var passingLimit = 32
    /// How long a lease of a fetch lasts unless it is renewed, in seconds: how long others wait for
    /// a server that died.
    package var leaseSeconds = 5
    /// How often leases are renewed; nil is never.
    package var leaseRenewal: Duration? = .seconds(1)
    /// How soon somebody who waits for another server's fetch looks; later ones take up to four
    /// times as long, since all who wait ask the one database.
    package var leasePause = Duration.milliseconds(150)
    /// How long another server's fetch is waited for, in nanoseconds; longer than a lease lasts.
    package var fetchPatience: UInt64 = 9_000_000_000
    /// How long another server's validation is waited for, in nanoseconds; less than
    /// ``validationBudget``, so that a late upstream still shows as one.
    package var validationPatience: UInt64 = 500_000_000
    /// Look-ups in the database under way at once; fewer than its readers let wait.
    package var lookupLimit = 1_024
    /// Responses that the in-memory index keeps.
    package var indexLimit = 65_536
    /// Bytes that are kept in memory while the disk is full.
    package var volatileByteLimit = 64 << 20
    /// The longest document or rendering among them, in bytes.
    package var volatileBlobLimit = 16 << 20

    /// Whose URLs absolute ones in answers are.
    package var base = PublicBaseRule()

    package init() {}
}
