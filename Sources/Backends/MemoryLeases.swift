package import Resources
internal import Synchronization

/// Leases in memory, by a clock of their own, for tests.
package final class MemoryLeases: FetchLeases {
    private struct Lease {
        let holder: String
        /// In nanoseconds of uptime.
        let end: UInt64
    }

    private let leases = Mutex<[CacheKey: Lease]>([:])
    private let time: any TimeSource

    package init(time: any TimeSource) {
        self.time = time
    }

    package func claim(
        _ key: CacheKey, by holder: String, for seconds: Int
    ) async throws(StoreError) -> Bool {
        let now = time.uptimeNanoseconds
        return leases.withLock { leases in
            if let lease = leases[key], lease.holder != holder, lease.end > now { return false }
            leases[key] = Lease(holder: holder, end: now + UInt64(seconds) * 1_000_000_000)
            return true
        }
    }

    package func renew(
        _ keys: [CacheKey], by holder: String, for seconds: Int
    ) async throws(StoreError) {
        let end = time.uptimeNanoseconds + UInt64(seconds) * 1_000_000_000
        leases.withLock { leases in
            for key in keys where leases[key]?.holder == holder {
                leases[key] = Lease(holder: holder, end: end)
            }
        }
    }

    package func release(_ key: CacheKey, by holder: String) async throws(StoreError) {
        leases.withLock { leases in
            if leases[key]?.holder == holder { leases[key] = nil }
        }
    }
}
