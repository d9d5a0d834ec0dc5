package import Resources
internal import Synchronization

extension MemoryMetadata {
    package func accept(_ document: CacheKey, until end: Int64) async throws(StoreError) {
        operations.withLock { $0.acceptances[document] = end }
    }

    package func isAccepted(
        _ document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        operations.withLock { now < $0.acceptances[document] ?? now }
    }

    package func takeAcceptance(
        of document: CacheKey, at now: Int64
    ) async throws(StoreError) -> Bool {
        operations.withLock { now < $0.acceptances.removeValue(forKey: document) ?? now }
    }

    package func note(_ change: Change, at now: Int64) async throws(StoreError) {
        operations.withLock { $0.note(change, at: now) }
    }

    package func changes(after number: Int64) async throws(StoreError) -> ChangeLog {
        operations.withLock { $0.changes(after: number) }
    }

    package func newestChange() async throws(StoreError) -> Int64 {
        operations.withLock { $0.newest }
    }

    package func orders(after number: Int64) async throws(StoreError) -> ChangeLog {
        operations.withLock { $0.orders(after: number) }
    }

    package func beginDrill(_ upstreams: [String], at now: Int64) async throws(StoreError) {
        operations.withLock { tables in
            for upstream in upstreams where tables.drills[upstream] == nil {
                tables.drills[upstream] = now
            }
        }
    }

    package func endDrill(_ upstreams: [String]) async throws(StoreError) {
        operations.withLock { tables in
            for upstream in upstreams { tables.drills[upstream] = nil }
        }
    }

    package func drills() async throws(StoreError) -> [Drill] {
        operations.withLock { tables in
            tables.drills.map { Drill(upstream: $0.key, beganAt: $0.value) }
                .sorted { $0.upstream < $1.upstream }
        }
    }

    // MARK: Outages

    package func beginOutage(of upstream: String, at now: Int64) async throws(StoreError) {
        operations.withLock { tables in
            guard tables.open(upstream) == nil else { return }
            tables.outages.append(
                Outage(upstream: upstream, beganAt: now, endedAt: nil, servedCount: 0))
            tables.dropOldOutages()
        }
    }

    package func countServed(
        _ count: Int, inOutageOf upstream: String
    ) async throws(StoreError) {
        operations.withLock { tables in
            guard let index = tables.open(upstream) else { return }
            let open = tables.outages[index]
            tables.outages[index] = Outage(
                upstream: upstream, beganAt: open.beganAt, endedAt: nil,
                servedCount: open.servedCount + count)
        }
    }

    package func endOutage(
        of upstream: String, at now: Int64, servedCount: Int
    ) async throws(StoreError) -> Outage? {
        operations.withLock { tables in
            guard let index = tables.open(upstream) else { return nil }
            let open = tables.outages[index]
            let ended = Outage(
                upstream: upstream, beganAt: open.beganAt, endedAt: now,
                servedCount: open.servedCount + servedCount)
            tables.outages[index] = ended
            return ended
        }
    }

    package func openOutages() async throws(StoreError) -> [Outage] {
        operations.withLock { tables in
            tables.outages.filter { $0.endedAt == nil }.sorted { $0.upstream < $1.upstream }
        }
    }

    package func outages(limit: Int) async throws(StoreError) -> [Outage] {
        operations.withLock { Array($0.outages.suffix(limit).reversed()) }
    }
}

/// What operators and outages leave, under one lock.
struct OperationTables {
    /// Until when each holds.
    var acceptances: [CacheKey: Int64] = [:]
    var drills: [String: Int64] = [:]
    var outages: [Outage] = []
    /// By their names.
    var tokens: [String: ClientToken] = [:]
    var malware: StoredMalwareList?
    private var log: [(change: Change, at: Int64)] = []
    private var droppedCount: Int64 = 0

    mutating func note(_ change: Change, at now: Int64) {
        log.append((change, now))
        prune(at: now)
    }

    /// The newest one stays.
    mutating func prune(at now: Int64) {
        let oldCount = log.dropLast().prefix { $0.at < now - Change.keptSeconds }.count
        log.removeFirst(oldCount)
        droppedCount += Int64(oldCount)
    }

    func changes(after number: Int64) -> ChangeLog {
        let start = Int(clamping: max(number - droppedCount, 0))
        let changes = log.dropFirst(start).prefix(Change.batchCount).map(\.change)
        let first = droppedCount + Int64(start)
        return ChangeLog(
            changes: changes, last: first + Int64(changes.count),
            isComplete: number >= droppedCount)
    }

    var newest: Int64 { droppedCount + Int64(log.count) }

    func orders(after number: Int64) -> ChangeLog {
        let start = Int(clamping: max(number - droppedCount, 0))
        let orders = log.enumerated().dropFirst(start)
            .filter { $0.element.change.kind != .changed }.prefix(Change.batchCount)
        return ChangeLog(
            changes: orders.map(\.element.change),
            last: orders.last.map { droppedCount + Int64($0.offset) + 1 } ?? number,
            isComplete: true)
    }

    func open(_ upstream: String) -> Int? {
        outages.lastIndex { $0.upstream == upstream && $0.endedAt == nil }
    }

    mutating func dropOldOutages() {
        guard outages.count > Outage.keptCount,
            let oldest = outages.firstIndex(where: { $0.endedAt != nil })
        else { return }
        outages.remove(at: oldest)
    }
}
