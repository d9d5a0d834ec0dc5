internal import Resources
import Synchronization

/// Facts that the database could not take, so that files stay fetchable while it is full.
///
/// Bounded: past the limit, all of them go; the documents then bring them again.
final class VolatileFacts: Sendable {
    private static let limit = 200_000

    private struct Content {
        var facts: [CacheKey: (document: CacheKey, fact: FileFact)] = [:]
        /// Those of which every fact is here.
        var documents: Set<CacheKey> = []

        mutating func drop(_ document: CacheKey) {
            documents.remove(document)
            guard !facts.isEmpty, let prefix = document.partPrefix else { return }
            documents = documents.filter { !$0.text.hasPrefix(prefix) }
            facts = facts.filter {
                $0.value.document != document && !$0.value.document.text.hasPrefix(prefix)
            }
        }
    }

    private let content = Mutex(Content())

    func find(_ key: CacheKey) -> FileFact? {
        content.withLock { $0.facts[key]?.fact }
    }

    /// Whether what a document says of any file is here, so that what is not here it does not name.
    func hasAll(of document: CacheKey) -> Bool {
        content.withLock { $0.documents.contains(document) }
    }

    /// Forgets what the database has taken by now, and what a document and its parts said before.
    func forget(_ stored: [FileFact], of document: CacheKey) {
        content.withLock { content in
            content.drop(document)
            guard !content.facts.isEmpty else { return }
            for fact in stored {
                if let key = document.artifact(fact.artifact) { content.facts[key] = nil }
            }
        }
    }

    func keep(_ added: [FileFact], of document: CacheKey) {
        content.withLock { content in
            content.drop(document)
            if content.facts.count + added.count > Self.limit { content = Content() }
            if added.count <= Self.limit { content.documents.insert(document) }
            for fact in added.prefix(Self.limit) {
                guard let key = document.artifact(fact.artifact) else { continue }
                content.facts[key] = (document, fact)
            }
        }
    }
}
