internal import Backends
internal import CacheRules
internal import Ecosystems
internal import Resources
import Synchronization

extension PullThroughEngine {
    private static let upkeepInterval = Duration.seconds(30)
    /// More documents than this are held back only by an upstream that is broken altogether.
    private static let heldBackLimit = 1_000

    /// Writes uses and what was served in outages in batches, until the task is cancelled.
    func keepHouse() async {
        while !Task.isCancelled {
            await flushUses()
            await flushOutages()
            await countHeldBack()
            await pruneShared()
            await time.sleep(for: Self.upkeepInterval)
        }
    }

    /// Keeps the store within its limit, until the task is cancelled.
    ///
    /// Apart from the rest: a round may take minutes, and needs what was used meanwhile.
    func keepWithinLimit() async {
        while !Task.isCancelled {
            await flushUses()
            await evict()
            await time.sleep(for: Self.upkeepInterval)
        }
    }

    /// Tells how many documents have a newer version that is held back.
    private func countHeldBack() async {
        do throws(StoreError) {
            let count = try await stores.operations.heldBackCount(limit: Self.heldBackLimit)
            countedHeldBack.store(count, ordering: .relaxed)
            observer.documentsAreHeldBack(count)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Drops what several servers leave in their database.
    private func pruneShared() async {
        do throws(StoreError) {
            try await stores.sharing?.responses.prune(at: time.now)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Writes the last uses since the last call: what makes eviction take the right ones.
    func flushUses() async {
        let uses = index.takeUses()
        guard !uses.isEmpty else { return }
        do throws(StoreError) {
            try await stores.accesses.record(uses)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Evicts what was used longest ago until the store is within its limit.
    package func evict() async {
        await evict(share: 0)
    }

    /// Evicts a twentieth of what is stored because the disk took no more; once a minute at most.
    ///
    /// The configured limit may be more than the disk has.
    func makeRoom() {
        let now = time.uptimeNanoseconds
        let isDue = roomMadeAt.withLock { last in
            guard now >= last &+ 60_000_000_000 || last == 0 else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        runner.start {
            // What was used just now must not go.
            await self.flushUses()
            await self.evict(share: 20)
        }
    }

    /// Evicts down to the limit, and one part of `share` of the store at least if that is not zero.
    ///
    /// What belongs to an upstream that is in an outage stays, unless the disk is full (`share`) and
    /// nothing else is left.
    package func evict(share: Int) async {
        var eviction = Eviction(
            responses: stores.responses,
            delete: { [stores] (bodies, _) async throws(StoreError) in
                try await Eviction.delete(bodies, from: stores.blobs)
            },
            // Its row may stay: the database knows.
            forget: { [index] in index.forget($0) },
            evicted: { [observer] in observer.evicted(byteCount: $0) })
        // Somebody waits for room on a full disk.
        if share == 0 { eviction.pace = Eviction.Pace(time: time, rule: rules.eviction) }
        do throws(StoreError) {
            let totals = try await stores.responses.totals()
            observer.storeHolds(
                responseCount: totals.responseCount, byteCount: totals.byteCount)
            let part = share == 0 ? 0 : totals.byteCount / share + 1
            let goal =
                totals.byteCount - max(rules.eviction.excessBytes(stored: totals.byteCount), part)
            guard goal < totals.byteCount else { return }
            try await evict(downTo: goal, eviction)
            guard share > 0 else { return }
            var places = EvictionPlaces()
            try await eviction.run(at: time.now, from: &places, isProtected: { _ in false }) {
                $0.byteCount - goal
            }
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Evicts what belongs to no upstream that is in an outage.
    private func evict(downTo goal: Int, _ eviction: Eviction) async throws(StoreError) {
        let down = mounts.filter { $0.upstreamLabel.map(health.isDownSomewhere) ?? false }
        let kept = down.map(\.adapter.identity)
        let outages = Set(down.compactMap(\.upstreamLabel))
        // While the same stays, a round goes on where the last one found nothing more.
        var places = evictionPlaces.withLock { outages.isEmpty ? .init() : $0[outages] ?? .init() }
        defer { evictionPlaces.withLock { $0 = [outages: places] } }
        try await eviction.run(
            at: time.now, from: &places,
            isProtected: { key in kept.contains { key.resource(of: $0) != nil } }
        ) { $0.byteCount - goal }
    }
}
