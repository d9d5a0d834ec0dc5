package import Backends
internal import Digests
internal import Resources

/// Copies rows and blobs to another database and another store; may be stopped and started again.
///
/// What an earlier run has copied is found and left: blobs by their digest and length, rows by
/// their keys. Renderings are left behind: servers make them anew. The source may be in use.
package struct Migration: Sendable {
    /// From where, and to where; rows alone or blobs alone where the other two are nil.
    package struct Route: Sendable {
        package let rows: any MetadataStore & Inventory
        package let blobs: (any BlobInventory)?
        package let newRows: (any MetadataStore & Inventory)?
        package let newBlobs: (any BlobTarget)?

        package init(
            rows: any MetadataStore & Inventory, blobs: (any BlobInventory)?,
            newRows: (any MetadataStore & Inventory)?, newBlobs: (any BlobTarget)?
        ) {
            self.rows = rows
            self.blobs = blobs
            self.newRows = newRows
            self.newBlobs = newBlobs
        }
    }

    static let pageCount = 500
    /// How many blobs are copied at once.
    private static let parallelCount = 8
    /// How many are begun before all of them have ended.
    private static let batchCount = 256

    let route: Route
    let watch: UpkeepWatch

    package init(_ route: Route, watch: UpkeepWatch = UpkeepWatch()) {
        self.route = route
        self.watch = watch
    }

    package struct Report: Sendable, Hashable {
        package var blobs = LeftoverCount()
        /// Blobs that were at the target already.
        package var presentCount = 0
        /// Bodies of rows that the source has not, or has with other bytes: fetched anew later.
        package var lostCount = 0
        package var rowCount = 0
        package var factCount = 0
        package var pinCount = 0
        /// Pins that the target has with another digest: those hold, and their files stay behind.
        package var conflictCount = 0
        package var isGood: Bool { lostCount == 0 && conflictCount == 0 }
    }

    package func run() async throws(StoreError) -> Report {
        var report = Report()
        if let source = route.blobs, let target = route.newBlobs {
            try await copyBlobs(from: source, to: target, &report)
        }
        if let target = route.newRows {
            let conflicts = try await copyPins(to: target, &report)
            try await copyRows(to: target, except: conflicts, &report)
            try await copyFacts(to: target, &report)
            try await copyRecords(to: target)
        }
        return report
    }

    // MARK: Blobs

    private func copyBlobs(
        from source: any BlobInventory, to target: any BlobTarget, _ report: inout Report
    ) async throws(StoreError) {
        let totals = try await route.rows.totals()
        var progress = UpkeepProgress(
            phase: "copying files", totalCount: totals.responseCount,
            totalByteCount: totals.byteCount)
        var rows = RowStream(route.rows)
        while !Task.isCancelled {
            let wanted = try await Self.bodies(of: &rows)
            guard !wanted.isEmpty else { return }
            try await copy(wanted, from: source, to: target) { body, fate in
                switch fate {
                case .present: report.presentCount += 1
                case .copied: report.blobs = report.blobs + body.size
                case .lost:
                    report.lostCount += 1
                    watch.finding("lost: the body of \(body.row.response.key.text)")
                }
                progress.count += body.rowCount
                progress.byteCount += body.size.byteCount * body.rowCount
                watch.progress(progress)
            }
        }
    }

    /// A body that some rows need.
    private struct NeededBody: Sendable {
        /// One of those rows.
        let row: StoredRow
        let rowCount: Int
        var size: LeftoverCount { LeftoverCount(count: 1, byteCount: row.response.byteCount) }
    }

    private enum Fate: Sendable {
        case present, copied
        /// The source has not got it, or has other bytes.
        case lost
    }

    /// The next bodies that are copied; none after the last.
    private static func bodies(
        of rows: inout RowStream
    ) async throws(StoreError) -> [NeededBody] {
        var bodies: [NeededBody] = []
        while bodies.count < batchCount, let first = try await rows.peek() {
            let own = try await rows.rows(of: first.response.body)
                .filter { $0.response.kind != .rendering }
            if let row = own.first { bodies.append(NeededBody(row: row, rowCount: own.count)) }
        }
        return bodies
    }

    /// Copies some bodies at once, and tells of each when it is done.
    private func copy(
        _ bodies: [NeededBody], from source: any BlobInventory, to target: any BlobTarget,
        done: (NeededBody, Fate) -> Void
    ) async throws(StoreError) {
        typealias Ending = (NeededBody, Result<Fate, StoreError>)
        let failure = await withTaskGroup(of: Ending.self) { group in
            var failure: StoreError?
            func take(_ ending: Ending) {
                switch ending.1 {
                case .success(let fate): done(ending.0, fate)
                case .failure(let error): failure = failure ?? error
                }
            }
            for (number, body) in bodies.enumerated() {
                if number >= Self.parallelCount, let ending = await group.next() { take(ending) }
                // What is under way ends; nothing more is begun.
                if failure != nil || Task.isCancelled { break }
                group.addTask {
                    (body, await copy(body.row.response, from: source, to: target))
                }
            }
            while let ending = await group.next() { take(ending) }
            return failure
        }
        if let failure { throw failure }
    }

    private func copy(
        _ response: StoredResponse, from source: any BlobInventory, to target: any BlobTarget
    ) async -> Result<Fate, StoreError> {
        do throws(StoreError) {
            let body = response.body
            if try await target.holds(body, byteCount: response.byteCount) {
                return .success(.present)
            }
            guard let content = try await source.content(of: body) else { return .success(.lost) }
            try await target.put(body, content)
            return .success(.copied)
        } catch .mismatch {
            return .success(.lost)
        } catch {
            return .failure(error)
        }
    }

    // MARK: Rows

    private func copyPins(
        to target: any Inventory, _ report: inout Report
    ) async throws(StoreError) -> Set<CacheKey> {
        var progress = UpkeepProgress(phase: "copying pins")
        var conflicts: Set<CacheKey> = []
        var mark: CacheKey?
        repeat {
            let page = try await route.rows.pins(after: mark, limit: Self.pageCount)
            for held in try await target.take(pins: page.rows) {
                conflicts.insert(held.artifact)
                watch.finding("another pin: \(held.artifact.text) has \(held.digest.hex) there")
            }
            report.pinCount += page.rows.count
            progress.count += page.rows.count
            watch.progress(progress)
            mark = page.next
        } while mark != nil && !Task.isCancelled
        report.conflictCount = conflicts.count
        return conflicts
    }

    /// Copies facts of documents whose rows are the source's; where the target has a later one, its
    /// facts are later too.
    private func copyFacts(
        to target: any MetadataStore & Inventory, _ report: inout Report
    ) async throws(StoreError) {
        var progress = UpkeepProgress(phase: "copying facts")
        var mark: CacheKey?
        repeat {
            let page = try await route.rows.facts(after: mark, limit: Self.pageCount)
            var later: [CacheKey: Bool] = [:]
            for document in Set(page.rows.map(\.document)) {
                later[document] = try await isLater(document, at: target)
            }
            let moved = page.rows.filter { later[$0.document] == false }
            try await target.take(facts: moved)
            report.factCount += moved.count
            progress.count += page.rows.count
            watch.progress(progress)
            mark = page.next
        } while mark != nil && !Task.isCancelled
    }

    /// Whether the target's row of a document was validated after that of the source.
    private func isLater(
        _ document: CacheKey, at target: any MetadataStore
    ) async throws(StoreError) -> Bool {
        guard let held = try await target.response(for: document) else { return false }
        guard let own = try await route.rows.response(for: document) else { return true }
        return held.validatedAt > own.validatedAt
    }

    private func copyRows(
        to target: any Inventory, except conflicts: Set<CacheKey>, _ report: inout Report
    ) async throws(StoreError) {
        let totals = try await route.rows.totals()
        var progress = UpkeepProgress(phase: "copying rows", totalCount: totals.responseCount)
        var mark: CacheKey?
        repeat {
            let page = try await route.rows.rows(after: mark, limit: Self.pageCount)
            let moved = page.rows.filter {
                $0.response.kind != .rendering && !conflicts.contains($0.response.key)
            }
            try await target.take(rows: moved)
            report.rowCount += moved.count
            progress.count += page.rows.count
            watch.progress(progress)
            mark = page.next
        } while mark != nil && !Task.isCancelled
    }

    /// Copies what there is few of; what the target has already is not written twice.
    private func copyRecords(to target: any MetadataStore) async throws(StoreError) {
        // A list that is there already is another server's, and newer.
        if let list = try await route.rows.malwareList(after: 0) {
            _ = try await target.storeMalwareList(list.bytes, after: 0, at: list.storedAt)
        }
        for acceptance in try await route.rows.acceptances() {
            try await target.accept(acceptance.document, until: acceptance.endsAt)
        }
        for drill in try await route.rows.drills() {
            try await target.beginDrill([drill.upstream], at: drill.beganAt)
        }
        let known = Set(try await target.recent(limit: StoredEvent.keptCount))
        for event in try await route.rows.recent(limit: StoredEvent.keptCount).reversed()
        where !known.contains(event) {
            try await target.record(event)
        }
        try await copyOutages(to: target)
        // A name that the target has keeps its token.
        for token in try await route.rows.clientTokens() {
            _ = try await target.add(token, at: token.createdAt)
        }
    }

    private func copyOutages(to target: any MetadataStore) async throws(StoreError) {
        let known = Set(
            try await target.outages(limit: Outage.keptCount).map {
                [$0.upstream, "\($0.beganAt)"]
            })
        for outage in try await route.rows.outages(limit: Outage.keptCount).reversed()
        where !known.contains([outage.upstream, "\(outage.beganAt)"]) {
            try await target.beginOutage(of: outage.upstream, at: outage.beganAt)
            if let end = outage.endedAt {
                _ = try await target.endOutage(
                    of: outage.upstream, at: end, servedCount: outage.servedCount)
            } else {
                try await target.countServed(
                    outage.servedCount, inOutageOf: outage.upstream)
            }
        }
    }
}
