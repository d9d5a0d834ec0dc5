internal import Backends
internal import CacheRules
internal import Resources

extension PullThroughEngine {
    private static let upkeepInterval = Duration.seconds(30)
    /// Responses that one round of eviction takes from the database at a time.
    private static let evictionBatch = 256

    /// Writes uses in batches and keeps the store within its limit, until the task is cancelled.
    func keepHouse() async {
        while !Task.isCancelled {
            await flushUses()
            await evict()
            await time.sleep(for: Self.upkeepInterval)
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
    ///
    /// A body goes when no response has it any more. A request that finds a row whose blob has just
    /// gone fetches it again (rule I8), so nothing needs a lock here.
    package func evict() async {
        do throws(StoreError) {
            let totals = try await stores.responses.totals()
            observer.storeHolds(responseCount: totals.responseCount, byteCount: totals.byteCount)
            var excess = rules.eviction.excessBytes(stored: totals.byteCount)
            while excess > 0, !Task.isCancelled {
                let oldest = try await stores.responses.leastRecentlyUsed(limit: Self.evictionBatch)
                guard !oldest.isEmpty else { return }
                for response in oldest where excess > 0 {
                    try await evict(response)
                    excess -= response.byteCount
                }
            }
        } catch {
            observer.storeFailed(error)
        }
    }

    private func evict(_ response: StoredResponse) async throws(StoreError) {
        try await stores.responses.remove(response.key)
        index.put(.nothing, for: response.key)
        guard try await !stores.responses.isReferenced(response.body) else { return }
        try await stores.blobs.delete(response.body)
        observer.evicted(byteCount: response.byteCount)
    }
}
