internal import Resources
import Synchronization

/// Facts that the database could not take, so that files stay fetchable while it is full.
///
/// Bounded: past the limit, all of them go; the documents then bring them again.
final class VolatileFacts: Sendable {
    private static let limit = 200_000
    private let facts = Mutex<[CacheKey: FileFact]>([:])

    func find(_ key: CacheKey) -> FileFact? {
        facts.withLock { $0[key] }
    }

    /// Forgets what the database has taken by now.
    func forget(_ stored: [FileFact], of upstream: UpstreamIdentity) {
        facts.withLock { facts in
            guard !facts.isEmpty else { return }
            for fact in stored { facts[CacheKey(.artifact(fact.artifact), of: upstream)] = nil }
        }
    }

    func keep(_ added: [FileFact], of upstream: UpstreamIdentity) {
        facts.withLock { facts in
            if facts.count + added.count > Self.limit { facts = [:] }
            for fact in added.prefix(Self.limit) {
                facts[CacheKey(.artifact(fact.artifact), of: upstream)] = fact
            }
        }
    }
}
