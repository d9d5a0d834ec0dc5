internal import HTTPModel
internal import Resources
import Synchronization

/// The bounded in-memory front of `Responses`, so that a hit needs no database.
///
/// Two generations: what is used moves to the young one, and when that has grown to half of the
/// limit, the old one is dropped whole. One lock and one or two hashes for each look-up.
final class ResponseIndex: Sendable {
    /// What is known of a key without asking the database.
    enum Knowledge: Sendable {
        case unknown
        case stored(IndexedResponse)
        /// Nothing is stored under this key.
        case nothing
        /// The upstream said that there is no such thing, and that holds until then.
        case negative(FillFailure, until: Int64)

        /// Whether this document's project was withdrawn and is refused.
        var isWithdrawn: Bool {
            switch self {
            case .stored(let indexed): indexed.response.isRefused
            case .unknown, .nothing, .negative: false
            }
        }
    }

    private struct Generations {
        var young: [CacheKey: Knowledge] = [:]
        var old: [CacheKey: Knowledge] = [:]

        mutating func put(_ knowledge: Knowledge, for key: CacheKey, halfLimit: Int) {
            if young.count >= halfLimit {
                old = young
                young = [:]
            }
            young[key] = knowledge
        }

        mutating func find(_ key: CacheKey, halfLimit: Int) -> Knowledge {
            if let found = young[key] { return found }
            guard let found = old[key] else { return .unknown }
            put(found, for: key, halfLimit: halfLimit)
            return found
        }
    }

    private let generations = Mutex(Generations())
    private let halfLimit: Int

    init(limit: Int) {
        halfLimit = max(limit / 2, 1)
    }

    func find(_ key: CacheKey) -> Knowledge {
        generations.withLock { $0.find(key, halfLimit: halfLimit) }
    }

    func put(_ response: StoredResponse) {
        put(.stored(IndexedResponse(response)), for: response.key)
    }

    func put(_ knowledge: Knowledge, for key: CacheKey) {
        generations.withLock { $0.put(knowledge, for: key, halfLimit: halfLimit) }
    }

    /// Puts what the database said, unless something newer is known by now.
    func putIfUnknown(_ knowledge: Knowledge, for key: CacheKey) {
        generations.withLock {
            guard case .unknown = $0.find(key, halfLimit: halfLimit) else { return }
            $0.put(knowledge, for: key, halfLimit: halfLimit)
        }
    }

    func forget(_ key: CacheKey) {
        generations.withLock {
            $0.young[key] = nil
            $0.old[key] = nil
        }
    }

    /// The uses since the last call, key to second; costs a walk over the index.
    func takeUses() -> [CacheKey: Int64] {
        let entries = generations.withLock { Array($0.young) + Array($0.old) }
        var uses: [CacheKey: Int64] = [:]
        for case (let key, .stored(let indexed)) in entries {
            if let second = indexed.takeUse() { uses[key] = second }
        }
        return uses
    }
}

/// A stored response in the index, with the time of its last use.
final class IndexedResponse: Sendable {
    let response: StoredResponse
    private let lastUse = Atomic<Int64>(0)

    init(_ response: StoredResponse) {
        self.response = response
    }

    /// Notes a use; a hit writes nothing else.
    func use(at second: Int64) {
        lastUse.store(second, ordering: .relaxed)
    }

    /// The last use that was not taken yet.
    func takeUse() -> Int64? {
        let second = lastUse.exchange(0, ordering: .relaxed)
        return second == 0 ? nil : second
    }
}

extension StoredResponse {
    /// Where a document is marked as refused; no field can have this name.
    private static let refusedField = ":refused"

    /// Whether the withdrawal rule refuses this document's project.
    var isRefused: Bool { withdrawnAt != nil && headers[Self.refusedField] != nil }

    mutating func refuse() { headers.replace(Self.refusedField, "1") }
}
