package import Backends
internal import Digests
package import Resources

/// Reads every blob and every row, and says which do not belong together, beside running servers.
///
/// Both are read in the order of digests, so that one pass is enough, and no list of them is kept.
package struct Verification: Sendable {
    let places: [BlobPlace]
    let metadata: any MetadataStore & Inventory
    let now: Int64
    let watch: UpkeepWatch
    let repair: Repair?

    /// What is done about what is wrong.
    package struct Repair: Sendable {
        /// Rows that stay although their body is lost, since they say more than where it is.
        let keeps: @Sendable (StoredResponse) -> Bool

        package init(keeps: @escaping @Sendable (StoredResponse) -> Bool) {
            self.keeps = keeps
        }
    }

    /// - Parameters:
    ///   - places: The store first, and then the tier before it if there is one.
    ///   - metadata: The database.
    ///   - now: Seconds since 1970.
    ///   - repair: nil to change nothing.
    ///   - watch: Those who want to know.
    package init(
        places: [BlobPlace], metadata: any MetadataStore & Inventory, now: Int64,
        repair: Repair? = nil, watch: UpkeepWatch = UpkeepWatch()
    ) {
        self.places = places
        self.metadata = metadata
        self.now = now
        self.repair = repair
        self.watch = watch
    }

    package struct Report: Sendable, Hashable {
        package var blobCount = 0
        package var byteCount = 0
        package var rowCount = 0
        /// Blobs with other bytes than their name says.
        package var damagedCount = 0
        /// Rows whose body is not there, or is of another length.
        package var missingCount = 0
        /// Rows whose body is perhaps in the tier of another server, and not in the bucket yet.
        package var pendingCount = 0
        package var orphans = LeftoverCount()
        /// Rows that were removed, so that the next request fetches anew.
        package var removedCount = 0
        /// Whether nothing was removed since so much is missing that it is not this database's store.
        package var isRefused = false
        var wrong: [StoredRow] = []
        /// Whether all is well; orphans cost room and nothing else.
        package var isGood: Bool { damagedCount == 0 && missingCount == 0 }
    }

    package func run() async throws(StoreError) -> Report {
        var report = Report()
        let totals = try await metadata.totals()
        var progress = UpkeepProgress(
            phase: "verifying", totalCount: totals.responseCount,
            totalByteCount: totals.byteCount)
        guard let store = places.first else { return report }
        var rows = RowStream(metadata)
        var mark: String?
        repeat {
            let page = try await store.inventory.blobs(from: mark)
            for blob in page.rows {
                try await lose(before: blob.digest, &rows, &report)
                let isRight = try await check(blob, in: store, &progress, &report)
                let own = try await rows.rows(of: blob.digest)
                report.rowCount += own.count
                if own.isEmpty, isRight {
                    report.orphans =
                        report.orphans + LeftoverCount(count: 1, byteCount: blob.byteCount)
                }
                let wrong = own.filter { !isRight || $0.response.byteCount != blob.byteCount }
                for row in wrong { try await lose(row, isDamaged: !isRight, &report) }
                progress.count = report.rowCount
                watch.progress(progress)
            }
            mark = page.next
        } while mark != nil && !Task.isCancelled
        try await lose(before: nil, &rows, &report)
        for tier in places.dropFirst() { try await check(tier, &progress, &report) }
        try await removeRows(&report)
        return report
    }

    /// Hashes all blobs of a tier, where nothing has to be.
    private func check(
        _ tier: BlobPlace, _ progress: inout UpkeepProgress, _ report: inout Report
    ) async throws(StoreError) {
        var mark: String?
        repeat {
            let page = try await tier.inventory.blobs(from: mark)
            for blob in page.rows {
                _ = try await check(blob, in: tier, &progress, &report)
                watch.progress(progress)
            }
            mark = page.next
        } while mark != nil && !Task.isCancelled
    }

    /// Hashes one blob; false when it is wrong, but not when it has gone meanwhile.
    private func check(
        _ blob: StoredBlob, in place: BlobPlace, _ progress: inout UpkeepProgress,
        _ report: inout Report
    ) async throws(StoreError) -> Bool {
        guard let content = try await place.inventory.content(of: blob.digest) else { return true }
        report.blobCount += 1
        report.byteCount += content.byteCount
        let isRight: Bool
        do throws(StoreError) {
            isRight = try await digest(of: content, &progress) == blob.digest
        } catch {
            // What the disk cannot give is as bad as other bytes; anything else ends the work.
            switch error {
            case .mismatch: isRight = false
            // Of a bucket's object this is a fault of the copy on this machine.
            case .system(operation: .read, _) where !place.isBucket: isRight = false
            default: throw error
            }
        }
        guard !isRight else { return true }
        report.damagedCount += 1
        watch.finding("damaged: \(blob.digest.hex) in \(place.name)")
        if repair != nil { try await place.inventory.setAside(blob.digest) }
        return false
    }

    private func digest(
        of content: BlobContent, _ progress: inout UpkeepProgress
    ) async throws(StoreError) -> BlobDigest {
        guard var hasher = try? MultiHasher() else { throw .busy }
        for start in stride(from: 0, to: content.byteCount, by: 1 << 20) {
            let bytes = try await content.read(start, min(1 << 20, content.byteCount - start))
            hasher.update(bytes)
            progress.byteCount += bytes.count
            watch.progress(progress)
        }
        return hasher.finish().blob
    }

    // MARK: Rows without their blobs

    /// An upload that took longer than this is waited for no more.
    private static let uploadSeconds: Int64 = 86_400

    /// Takes the rows of bodies before `digest` as lost; all that are left when it is nil.
    private func lose(
        before digest: BlobDigest?, _ rows: inout RowStream, _ report: inout Report
    ) async throws(StoreError) {
        while let row = try await rows.peek() {
            if let digest, row.response.body >= digest { return }
            rows.advance()
            report.rowCount += 1
            guard try await isLost(row) else { continue }
            if mayBePending(row) {
                report.pendingCount += 1
                watch.finding("perhaps not uploaded yet: the body of \(row.response.key.text)")
            } else {
                try await lose(row, isDamaged: false, &report)
            }
        }
    }

    /// Whether another server may still have the body in its tier, to be uploaded.
    private func mayBePending(_ row: StoredRow) -> Bool {
        places.contains(where: \.isBucket) && row.response.storedAt > now - Self.uploadSeconds
    }

    /// Whether a row is still there whose blob is still nowhere: servers go on meanwhile.
    private func isLost(_ row: StoredRow) async throws(StoreError) -> Bool {
        let response = row.response
        if response.kind == .rendering, places.contains(where: \.isBucket) { return false }
        for place in places where try await place.inventory.blob(response.body) != nil {
            return false
        }
        return try await metadata.response(for: response.key)?.body == response.body
    }

    private func lose(
        _ row: StoredRow, isDamaged: Bool, _ report: inout Report
    ) async throws(StoreError) {
        let response = row.response
        if !isDamaged {
            report.missingCount += 1
            watch.finding("missing: the body of \(response.key.text)")
        }
        guard let repair, !repair.keeps(response), report.wrong.count < Self.repairLimit else {
            return
        }
        report.wrong.append(row)
    }

    // MARK: Repair

    /// Rows that one run removes at most; the next one goes on.
    private static let repairLimit = 100_000
    /// More missing rows than this, and than a tenth of all, are another store than the servers'.
    private static let plausibleCount = 100

    /// Removes the rows of what is wrong, after all was read: what looks like the wrong store, or one
    /// that is not mounted, loses nothing.
    private func removeRows(_ report: inout Report) async throws(StoreError) {
        guard repair != nil, !report.wrong.isEmpty else { return }
        let isEmpty = report.blobCount == 0 && report.missingCount > 0
        let isMost =
            report.missingCount > Self.plausibleCount
            && report.missingCount * 10 > report.rowCount
        guard !isEmpty, !isMost else {
            report.isRefused = true
            return
        }
        for row in report.wrong {
            // Servers go on: a row that was written anew, or whose blob is there by now, is healed.
            guard try await metadata.response(for: row.response.key) == row.response
            else { continue }
            let length = try await places.first?.inventory.blob(row.response.body)?.byteCount
            if length == row.response.byteCount { continue }
            // With a note for running servers, which would look for the body at every request.
            _ = try await metadata.purge([row.response.key], at: now)
            report.removedCount += 1
        }
    }
}
