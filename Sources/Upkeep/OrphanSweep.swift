package import Backends
package import Digests

/// Removes blobs that no row has, and what else was left, beside running servers.
///
/// A blob is published before its row, so only what nobody has published for longer than a row
/// takes is an orphan; ``BlobInventory`` says how one that is published at that moment stays.
package struct OrphanSweep: Sendable {
    /// From which age on it is an orphan: far longer than any row takes.
    package static let standardAgeSeconds: Int64 = 86_400
    /// Below this, a row may still be on its way.
    package static let leastAgeSeconds: Int64 = 3_600
    private static let batchCount = 200
    /// More orphans than this, and than half of what is old enough, are another database than that
    /// of the servers.
    private static let plausibleCount = 100

    private let places: [BlobPlace]
    private let rows: any Inventory
    private let watch: UpkeepWatch

    package init(places: [BlobPlace], rows: any Inventory, watch: UpkeepWatch = UpkeepWatch()) {
        self.places = places
        self.rows = rows
        self.watch = watch
    }

    /// What was found, and removed unless it was only looked for.
    package struct Report: Sendable, Hashable {
        package var blobCount = 0
        package var orphans = LeftoverCount()
        package var leftovers = LeftoverCount()
        /// Of the store alone, without the tier: how many blobs are old enough, and unneeded ones.
        var oldCount = 0
        var oldOrphanCount = 0

        /// Whether so much of the store goes that it is rather not the store of this database.
        package var isImplausible: Bool {
            oldOrphanCount > OrphanSweep.plausibleCount && oldOrphanCount * 2 > oldCount
        }
    }

    /// Removes what was published before `moment`, in seconds since 1970, and no row has.
    ///
    /// Without `removes` it counts what would go.
    package func run(
        before moment: Int64, removes: Bool
    ) async throws(StoreError) -> Report {
        var report = Report()
        for place in places {
            var progress = UpkeepProgress(phase: "looking through \(place.name)")
            progress.count = 0
            var mark: String?
            repeat {
                let page = try await place.inventory.blobs(from: mark)
                for start in stride(from: 0, to: page.rows.count, by: Self.batchCount) {
                    let end = min(start + Self.batchCount, page.rows.count)
                    let batch = Array(page.rows[start..<end])
                    // Of unknown age is young.
                    let old = batch.filter { ($0.publishedAt ?? .max) < moment }
                    let gone = try await sweep(old, in: place, before: moment, removes)
                    if !place.isTier {
                        report.oldCount += old.count
                        report.oldOrphanCount += gone.count
                    }
                    report.orphans = report.orphans + gone
                    progress.count += batch.count
                    progress.byteCount += batch.reduce(0) { $0 + $1.byteCount }
                    watch.progress(progress)
                }
                report.blobCount += page.rows.count
                mark = page.next
            } while mark != nil && !Task.isCancelled
            report.leftovers =
                try await report.leftovers
                + place.inventory.sweepLeftovers(untouchedSince: moment, removes: removes)
        }
        return report
    }

    private func sweep(
        _ old: [StoredBlob], in place: BlobPlace, before moment: Int64, _ removes: Bool
    ) async throws(StoreError) -> LeftoverCount {
        guard !old.isEmpty else { return LeftoverCount() }
        let known = try await rows.referenced(old.map(\.digest))
        var orphans = old.filter { !known.contains($0.digest) }
        guard !orphans.isEmpty else { return LeftoverCount() }
        if removes {
            orphans = try await place.inventory.remove(orphans, untouchedSince: moment) {
                [rows] (digests) async throws(StoreError) in try await rows.referenced(digests)
            }
        }
        return LeftoverCount(
            count: orphans.count, byteCount: orphans.reduce(0) { $0 + $1.byteCount })
    }

    /// Removes blobs from everywhere, but none that was published since `moment` or some row has.
    ///
    /// - Parameters:
    ///   - bodies: What goes; a few hundred at most.
    ///   - moment: In seconds since 1970.
    ///   - isForced: Whether they go although a row has them: a database on a full disk removes no
    ///     row before there is room.
    /// - Throws: What the stores do.
    package func remove(
        _ bodies: [BlobDigest], untouchedSince moment: Int64, isForced: Bool
    ) async throws(StoreError) {
        // Places look at a blob's age themselves, right before it goes.
        let blobs = bodies.map { StoredBlob(digest: $0, byteCount: 0, publishedAt: nil) }
        for place in places {
            _ = try await place.inventory.remove(blobs, untouchedSince: moment) {
                [rows] (digests) async throws(StoreError) in
                isForced ? [] : try await rows.referenced(digests)
            }
        }
    }
}
