internal import Ecosystems

/// What was left out of an index, counted.
struct IndexNotes: Sendable, Hashable {
    /// Entries of no version that could be served: no usable URL, or no mapping at all.
    var entries = 0
    /// Values that Helm's schema does not have at their place, or whose key was no key.
    var values = 0
    /// Keys that stood twice in one mapping; the first one holds.
    var duplicateKeys = 0
    /// Digests that are no SHA-256.
    var digests = 0
    /// Times that are none.
    var times = 0

    init() {}

    /// What an operator is told, one sentence each.
    var documentNotes: [DocumentNote] {
        let notes = [
            DocumentNote("entries that cannot be served were left out", count: entries),
            DocumentNote("values of a wrong type were left out", count: values),
            DocumentNote("keys that stood twice were left out", count: duplicateKeys),
            DocumentNote("digests that are no SHA-256 were left out", count: digests),
            DocumentNote("times that are none were left out", count: times),
        ]
        return notes.filter { $0.count > 0 }
    }
}
