package import Backends
package import CacheRules
package import Digests
package import Resources

/// One round of eviction, by the server or beside it.
///
/// Several replicas may evict at once: they take the same rows, of which each goes once, and look
/// at the totals again after every batch.
package struct Eviction: Sendable {
    /// Rows that are evicted between two looks at the totals.
    private static let batchCount = 256

    /// Rows that have to stay and one round looks at: they may be all that is stored.
    package var lookLimit = 10_000
    /// Removes bodies that no row has; with `isForced` also those whose rows could not go yet.
    package typealias Deletion =
        @Sendable (_ bodies: [BlobDigest], _ isForced: Bool) async throws(StoreError) -> Void

    /// Rests after each batch; nil for one that nobody's requests wait for.
    package struct Pace: Sendable {
        let time: any TimeSource
        let rule: EvictionRule

        package init(time: any TimeSource, rule: EvictionRule) {
            self.time = time
            self.rule = rule
        }

        fileprivate func rest(since begun: UInt64, stored: Int) async {
            let busy = time.uptimeNanoseconds &- begun
            let rest = rule.rest(afterNanoseconds: busy, stored: stored)
            if rest > 0 { await time.sleep(for: .nanoseconds(rest)) }
        }
    }

    package var pace: Pace?

    let responses: any Responses
    let delete: Deletion
    /// Told of a key before its row goes.
    let forget: @Sendable (CacheKey) -> Void
    /// Told of the bytes of a body that went.
    let evicted: @Sendable (Int) -> Void

    package init(
        responses: any Responses,
        delete: @escaping Deletion,
        forget: @escaping @Sendable (CacheKey) -> Void = { _ in },
        evicted: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.responses = responses
        self.delete = delete
        self.forget = forget
        self.evicted = evicted
    }

    /// Evicts in the order of ``EvictionOrder`` until `excess` says that it is enough, or nothing
    /// is left that may go.
    ///
    /// - Parameters:
    ///   - now: Seconds since 1970.
    ///   - places: Where to begin, and in the end where to go on while the same is protected.
    ///   - isProtected: Whether what is stored under a key has to stay.
    ///   - excess: How many bytes have to go still.
    /// - Throws: What the stores do; what went until then has gone.
    package func run(
        at now: Int64, from places: inout EvictionPlaces,
        isProtected: @escaping @Sendable (CacheKey) -> Bool,
        excess: (StoreTotals) -> Int
    ) async throws(StoreError) {
        var queues = EvictionQueues(responses, places, lookLimit: lookLimit, isProtected)
        defer { places = queues.places }
        while !Task.isCancelled {
            let begun = pace?.time.uptimeNanoseconds ?? 0
            let totals = try await responses.totals()
            var rest = excess(totals)
            var rows: [StoredRow] = []
            while rest > 0, rows.count < Self.batchCount, let row = try await queues.next(at: now) {
                rows.append(row)
                rest -= max(row.response.byteCount, 1)
            }
            guard !rows.isEmpty else { return }
            try await evict(rows)
            await pace?.rest(since: begun, stored: totals.byteCount)
        }
    }

    /// A body goes when no response has it any more.
    ///
    /// A row stays that was used or stored again since it was read.
    /// A request that finds a row whose blob has just gone fetches it again (rule I8), so nothing
    /// needs a lock here.
    private func evict(_ rows: [StoredRow]) async throws(StoreError) {
        for row in rows { forget(row.response.key) }
        var rest = rows[...]
        while let first = rest.first {
            do throws(StoreError) {
                let removal = try await responses.remove(Array(rest))
                try await release(removal)
                return
            } catch .full {
                // A database on the full disk cannot even forget: a blob makes the room for it.
                try await delete([first.response.body], true)
                _ = try await responses.remove([first])
                evicted(first.response.byteCount)
                rest.removeFirst()
            }
        }
    }

    private func release(_ removal: Removal) async throws(StoreError) {
        guard !removal.released.isEmpty else { return }
        // Of several responses with one body it is one that made room.
        var bodies: [BlobDigest] = []
        var byteCount = 0
        var rest = removal.released
        for row in removal.rows {
            guard let body = rest.remove(row.response.body) else { continue }
            bodies.append(body)
            byteCount += row.response.byteCount
        }
        try await delete(bodies, false)
        evicted(byteCount)
    }

    /// How many bodies are removed at once.
    private static let parallelCount = 8

    /// Removes bodies from a store, some at once.
    ///
    /// - Throws: The first failure, when all others were tried.
    static func delete(
        _ bodies: [BlobDigest], from blobs: any BlobStore
    ) async throws(StoreError) {
        let failure = await withTaskGroup(of: StoreError?.self) { group in
            var failure: StoreError?
            for (number, body) in bodies.enumerated() {
                if number >= parallelCount, let ended = await group.next() {
                    failure = failure ?? ended
                }
                group.addTask {
                    do throws(StoreError) {
                        try await blobs.delete(body)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            for await ended in group { failure = failure ?? ended }
            return failure
        }
        if let failure { throw failure }
    }
}

/// Up to where a round has found nothing that may go.
package struct EvictionPlaces: Sendable {
    var marks: [StoredResponse.Kind: UseMark] = [:]

    package init() {}
}

/// What may go, used longest ago first, of each kind; read page by page.
struct EvictionQueues {
    private static let pageCount = 256

    private struct Queue {
        var rows: ArraySlice<StoredRow> = []
        /// Where the page after `rows` begins; nil at the beginning.
        var mark: UseMark?
        var isAtEnd = false
    }

    private let responses: any Responses
    private let isProtected: @Sendable (CacheKey) -> Bool
    private var queues: [StoredResponse.Kind: Queue] = [:]
    private let lookLimit: Int
    private var lookCount = 0
    private(set) var places: EvictionPlaces

    init(
        _ responses: any Responses, _ places: EvictionPlaces, lookLimit: Int,
        _ isProtected: @escaping @Sendable (CacheKey) -> Bool
    ) {
        self.responses = responses
        self.places = places
        self.isProtected = isProtected
        self.lookLimit = lookLimit
        for kind in [StoredResponse.Kind.rendering, .artifact, .document] {
            queues[kind] = Queue(mark: places.marks[kind])
        }
    }

    /// What goes next.
    mutating func next(at now: Int64) async throws(StoreError) -> StoredRow? {
        var oldest: [EvictionOrder.Kind: Int64] = [:]
        for kind in EvictionOrder.Kind.allCases {
            oldest[kind] = try await first(of: kind.stored)?.usedAt
        }
        // Nobody knows what is behind those that stay: another kind must not go in its place.
        guard lookCount < lookLimit, let kind = EvictionOrder.next(oldest, at: now) else {
            return nil
        }
        return queues[kind.stored]?.rows.popFirst()
    }

    private mutating func first(
        of kind: StoredResponse.Kind
    ) async throws(StoreError) -> StoredRow? {
        var queue = queues[kind] ?? Queue()
        while queue.rows.isEmpty, !queue.isAtEnd, lookCount < lookLimit {
            // All before this mark is gone or stays.
            places.marks[kind] = queue.mark
            let page = try await responses.leastRecentlyUsed(
                kind, after: queue.mark, limit: Self.pageCount)
            queue.rows = page.rows.filter { !isProtected($0.response.key) }[...]
            lookCount += page.rows.count - queue.rows.count
            queue.isAtEnd = page.next == nil
            queue.mark = page.next
        }
        if queue.isAtEnd, queue.rows.isEmpty { places.marks[kind] = nil }
        queues[kind] = queue
        return queue.rows.first
    }
}

extension EvictionOrder.Kind {
    fileprivate var stored: StoredResponse.Kind {
        switch self {
        case .rendering: .rendering
        case .artifact: .artifact
        case .document: .document
        }
    }
}
