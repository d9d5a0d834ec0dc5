internal import HTTPModel
package import Resources
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

        var isStored: Bool {
            if case .stored = self { true } else { false }
        }

        func supersede() {
            if case .stored(let entry) = self { entry.supersede() }
        }
    }

    private struct Generations {
        var young: [CacheKey: Knowledge] = [:]
        var old: [CacheKey: Knowledge] = [:]

        /// Puts knowledge in the place of older one, which is not current any more.
        mutating func replace(with knowledge: Knowledge, for key: CacheKey, halfLimit: Int) {
            (young[key] ?? old[key])?.supersede()
            put(knowledge, for: key, halfLimit: halfLimit)
        }

        mutating func forget(_ key: CacheKey) {
            (young[key] ?? old[key])?.supersede()
            young[key] = nil
            old[key] = nil
        }

        mutating func put(_ knowledge: Knowledge, for key: CacheKey, halfLimit: Int) {
            if young.count >= halfLimit {
                // Nobody could tell these of a change any more.
                for dropped in old.values { dropped.supersede() }
                old = young
                young = [:]
            }
            young[key] = knowledge
        }

        mutating func find(_ key: CacheKey, halfLimit: Int) -> Knowledge {
            if let found = young[key] { return found }
            // In one generation only, or it would be dropped while it is in use.
            guard let found = old.removeValue(forKey: key) else { return .unknown }
            put(found, for: key, halfLimit: halfLimit)
            return found
        }
    }

    private let generations = Mutex(Generations())
    private let halfLimit: Int
    private let uses: UseList

    init(limit: Int) {
        halfLimit = max(limit / 2, 1)
        uses = UseList(limit: max(limit, 2))
    }

    /// What the index holds of a response; its uses are told to this index.
    func entry(_ response: StoredResponse) -> IndexedResponse {
        IndexedResponse(response, uses)
    }

    func find(_ key: CacheKey) -> Knowledge {
        generations.withLock { $0.find(key, halfLimit: halfLimit) }
    }

    func put(_ response: StoredResponse) {
        put(.stored(entry(response)), for: response.key)
    }

    func put(_ knowledge: Knowledge, for key: CacheKey) {
        generations.withLock { $0.replace(with: knowledge, for: key, halfLimit: halfLimit) }
    }

    /// Puts what the database said, unless something newer is known by now.
    func putIfUnknown(_ knowledge: Knowledge, for key: CacheKey) {
        generations.withLock {
            guard case .unknown = $0.find(key, halfLimit: halfLimit) else { return }
            $0.put(knowledge, for: key, halfLimit: halfLimit)
        }
    }

    /// Puts a response in the place of an older one; does nothing where none is known.
    func putIfStored(_ response: StoredResponse) {
        let entry = entry(response)
        generations.withLock {
            guard $0.find(response.key, halfLimit: halfLimit).isStored else { return }
            $0.replace(with: .stored(entry), for: response.key, halfLimit: halfLimit)
        }
    }

    func forget(_ key: CacheKey) {
        generations.withLock { $0.forget(key) }
    }

    /// Forgets that nothing is stored under a key; what is known of it otherwise stays.
    func forgetNothing(_ key: CacheKey) {
        generations.withLock {
            guard case .nothing = $0.find(key, halfLimit: halfLimit) else { return }
            $0.forget(key)
        }
    }

    func forgetAll() {
        generations.withLock { generations in
            for knowledge in generations.young.values { knowledge.supersede() }
            for knowledge in generations.old.values { knowledge.supersede() }
            generations = Generations()
        }
    }

    /// The uses since the last call, key to second.
    ///
    /// Costs a walk over what was used, under no lock that a look-up takes.
    func takeUses() -> [CacheKey: Int64] {
        var seconds: [CacheKey: Int64] = [:]
        for indexed in uses.take() {
            guard let second = indexed.takeUse() else { continue }
            seconds[indexed.response.key] = max(second, seconds[indexed.response.key] ?? second)
        }
        return seconds
    }
}

/// The entries that were used since the list was last taken, each once.
final class UseList: Sendable {
    private let entries = Mutex<[IndexedResponse]>([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// False when the list is full: entries come and go faster than it is taken.
    func add(_ entry: IndexedResponse) -> Bool {
        entries.withLock { entries in
            guard entries.count < limit else { return false }
            entries.append(entry)
            return true
        }
    }

    /// Empties the list; its cost does not depend on what is in it.
    func take() -> [IndexedResponse] {
        entries.withLock { entries in
            let taken = entries
            entries = []
            return taken
        }
    }
}

/// A stored response in the index, with the time of its last use.
final class IndexedResponse: Sendable {
    let response: StoredResponse
    /// Whether a newer version of this document is held back.
    let isHeldBack: Bool
    /// Whether this document takes its project down.
    let isTakedown: Bool
    /// 0 when it is not in ``uses``.
    private let lastUse = Atomic<Int64>(0)
    private let uses: UseList
    private let restsUntil = Atomic<Int64>(0)
    private let superseded = Atomic<Bool>(false)

    init(_ response: StoredResponse, _ uses: UseList) {
        self.response = response
        let isDocument = response.kind == .document
        isHeldBack = isDocument && response.heldBack != nil
        isTakedown = isDocument && response.isTakedown
        self.uses = uses
    }

    /// Notes a use; but for the first since the uses were last taken, a hit writes nothing else.
    func use(at second: Int64) {
        let earlier = lastUse.exchange(second, ordering: .relaxed)
        guard earlier == 0, second != 0, !uses.add(self) else { return }
        // Not noted: the next use tries again.
        lastUse.store(0, ordering: .relaxed)
    }

    /// Whether the index has learnt nothing else of this key since.
    var isCurrent: Bool { !superseded.load(ordering: .acquiring) }

    func supersede() { superseded.store(true, ordering: .releasing) }

    /// Notes that nothing newer can be had before that second.
    func rest(until second: Int64) { restsUntil.store(second, ordering: .relaxed) }

    func isResting(at second: Int64) -> Bool { second < restsUntil.load(ordering: .relaxed) }

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
    package var isRefused: Bool { withdrawnAt != nil && headers[Self.refusedField] != nil }

    mutating func refuse() { headers.replace(Self.refusedField, "1") }

    mutating func endRefusing() { headers.remove(Self.refusedField) }
}
