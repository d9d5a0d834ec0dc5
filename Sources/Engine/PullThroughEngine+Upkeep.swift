internal import Backends
internal import CacheRules
internal import Resources
import Synchronization

extension PullThroughEngine {
    private static let upkeepInterval = Duration.seconds(30)
    /// More documents than this are held back only by an upstream that is broken altogether.
    private static let heldBackLimit = 1_000
    /// Responses that one round of eviction takes from the database at a time.
    private static let evictionBatch = 256

    /// Writes uses and what was served in outages in batches, and keeps the store within its limit, until the task is cancelled.
    func keepHouse() async {
        while !Task.isCancelled {
            await flushUses()
            await flushOutages()
            await evict()
            await countHeldBack()
            await pruneShared()
            await time.sleep(for: Self.upkeepInterval)
        }
    }

    /// Tells how many documents have a newer version that is held back.
    private func countHeldBack() async {
        do throws(StoreError) {
            let held = try await stores.operations.heldBack(limit: Self.heldBackLimit)
            countedHeldBack.store(held.count, ordering: .relaxed)
            observer.documentsAreHeldBack(held.count)
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
        if isDue { runner.start { await self.evict(share: 20) } }
    }

    /// Evicts down to the limit, and one part of `share` of the store at least if that is not zero.
    ///
    /// A body goes when no response has it any more. A request that finds a row whose blob has just
    /// gone fetches it again (rule I8), so nothing needs a lock here.
    private func evict(share: Int) async {
        do throws(StoreError) {
            let totals = try await stores.responses.totals()
            observer.storeHolds(responseCount: totals.responseCount, byteCount: totals.byteCount)
            let part = share == 0 ? 0 : totals.byteCount / share + 1
            var excess = max(rules.eviction.excessBytes(stored: totals.byteCount), part)
            while excess > 0, !Task.isCancelled {
                let oldest = try await stores.responses.leastRecentlyUsed(limit: Self.evictionBatch)
                guard !oldest.isEmpty else { return }
                for response in oldest where excess > 0 {
                    try await evict(response)
                    excess -= max(response.byteCount, 1)
                }
            }
        } catch {
            observer.storeFailed(error)
        }
    }

    private func evict(_ response: StoredResponse) async throws(StoreError) {
        index.put(.nothing, for: response.key)
        do throws(StoreError) {
            try await stores.responses.remove(response.key)
        } catch .full {
            // A database on the full disk cannot even forget: the blob makes the room for it.
            try await stores.blobs.delete(response.body)
            try await stores.responses.remove(response.key)
            observer.evicted(byteCount: response.byteCount)
            return
        }
        guard try await !stores.responses.isReferenced(response.body) else { return }
        try await stores.blobs.delete(response.body)
        observer.evicted(byteCount: response.byteCount)
    }
}
