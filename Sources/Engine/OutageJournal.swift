/// One thing that is to be written of an outage.
struct OutageNote: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case began
        /// So many requests more.
        case served(Int)
        /// With the requests that were served since the last note of this outage.
        case ended(servedCount: Int)
    }

    let kind: Kind
    let upstream: String
    /// When it happened, in seconds since 1970.
    let second: Int64
}

/// What the database is still to be told of outages, in the order in which it happened.
///
/// One at a time writes; what fails stays here for the next one.
struct OutageJournal: Sendable {
    /// More wait only where a database has been out of order for days.
    static let limit = 1_000

    private var notes: [OutageNote] = []
    private var isWriting = false

    mutating func append(_ note: OutageNote) {
        if notes.count < Self.limit { notes.append(note) }
    }

    /// Claims the writing; false where nothing waits, or whoever writes now takes it along.
    mutating func startWriting() -> Bool {
        guard !isWriting, !notes.isEmpty else { return false }
        isWriting = true
        return true
    }

    /// What is to be written next; nil ends the writing.
    mutating func next() -> OutageNote? {
        if notes.isEmpty { isWriting = false }
        return notes.first
    }

    /// Takes the oldest note away, which is written now.
    mutating func removeOldest() { notes.removeFirst() }

    /// Gives up the writing; what is left waits for the next one.
    mutating func stopWriting() { isWriting = false }
}
