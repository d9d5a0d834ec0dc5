internal import Resources
import Synchronization

/// Facts that the database could not take, so that files stay fetchable while it is full.
///
/// Bounded: past the limit, all of them go; the documents then bring them again.
final class VolatileFacts: Sendable {
    private static let limit = 200_000
    private let facts = Mutex<[CacheKey: (document: CacheKey, fact: FileFact)]>([:])

    func find(_ key: CacheKey) -> FileFact? {
        facts.withLock { $0[key]?.fact }
    }

    /// Forgets what the database has taken by now, and what a document and its parts said before.
    func forget(_ stored: [FileFact], of document: CacheKey) {
        facts.withLock { facts in
            Self.drop(document, from: &facts)
            guard !facts.isEmpty else { return }
            for fact in stored {
                if let key = document.artifact(fact.artifact) { facts[key] = nil }
            }
        }
    }

    private static func drop(
        _ document: CacheKey, from facts: inout [CacheKey: (document: CacheKey, fact: FileFact)]
    ) {
        guard !facts.isEmpty, let prefix = document.partPrefix else { return }
        facts = facts.filter {
            $0.value.document != document && !$0.value.document.text.hasPrefix(prefix)
        }
    }

    func keep(_ added: [FileFact], of document: CacheKey) {
        facts.withLock { facts in
            Self.drop(document, from: &facts)
            if facts.count + added.count > Self.limit { facts = [:] }
            for fact in added.prefix(Self.limit) {
                guard let key = document.artifact(fact.artifact) else { continue }
                facts[key] = (document, fact)
            }
        }
    }
}
