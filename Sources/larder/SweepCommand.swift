import Backends
import CacheRules
import CommandLine
import Configuration
import Digests
import Engine
import Resources
import Synchronization
import Upkeep
import Upstream

/// `larder gc`: evicts down to the limit, and removes what no row needs.
enum SweepCommand {
    static func run(_ options: SweepOptions, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let age = try age(options)
            let client = try Wiring.client(settings)
            defer { client.close() }
            let places = try StorePlaces.all(settings, client)
            guard !places.isEmpty else { return "nothing is stored yet" }
            let line = ProgressLine()
            defer { line.end() }
            let sweep = OrphanSweep(places: places, rows: desk.inventory, watch: line.watch)
            try await guardEmptiness(desk, places, options)
            if options.isDryRun {
                let report = try await sweep.run(before: desk.now - age, removes: false)
                let totals = try await desk.metadata.totals()
                let excess = rule(settings).excessBytes(stored: totals.byteCount)
                return text(report, evicted: excess, isDryRun: true)
            }
            if !options.isForced {
                let seen = try await sweep.run(before: desk.now - age, removes: false)
                guard !seen.isImplausible else { throw CommandFailure(Self.refusal) }
            }
            let evicted = try await evict(desk, sweep, settings)
            let report = try await sweep.run(before: desk.now - age, removes: true)
            return text(report, evicted: evicted, isDryRun: false)
        }
    }

    /// The age that was asked for, in seconds.
    private static func age(_ options: SweepOptions) throws(CommandFailure) -> Int64 {
        guard let text = options.age else { return OrphanSweep.standardAgeSeconds }
        guard let seconds = AgeText.seconds(text) else {
            throw CommandFailure("--older-than must be an age as 36h, 90m or 2d", status: .misuse)
        }
        guard seconds >= OrphanSweep.leastAgeSeconds || options.isForced else {
            throw CommandFailure(
                "--older-than must be at least 1h, since what is stored just now has its row soon; "
                    + "with no server running, --force takes any age", status: .misuse)
        }
        return seconds
    }

    private static let refusal = """
        more than half of the files that are old enough have no row in the database, so it is \
        perhaps not the one of these files; are --config and --data those of the server? \
        `larder gc --dry-run` says how much would go, and --force removes it all the same
        """

    /// Another database than the servers' knows nothing of what is stored.
    private static func guardEmptiness(
        _ desk: OperatorDesk, _ places: [BlobPlace], _ options: SweepOptions
    ) async throws {
        guard !options.isForced, try await desk.metadata.totals().responseCount == 0 else { return }
        for place in places {
            var mark: String?
            repeat {
                let page = try await place.inventory.blobs(from: mark)
                guard page.rows.isEmpty else {
                    throw CommandFailure(
                        "the database is empty, and \(place.name) is not; are --config and --data "
                            + "those of the server? --force removes the files all the same")
                }
                mark = page.next
            } while mark != nil
        }
    }

    private static func rule(_ settings: Settings) -> EvictionRule {
        EvictionRule(limitBytes: settings.storeSizeBytes)
    }

    /// Evicts as the server does; says how many bytes went.
    private static func evict(
        _ desk: OperatorDesk, _ sweep: OrphanSweep, _ settings: Settings
    ) async throws -> Int {
        let rule = rule(settings)
        let stored = try await desk.metadata.totals().byteCount
        let excess = rule.excessBytes(stored: stored)
        guard excess > 0 else { return 0 }
        let goal = stored - excess
        let down = Set(try await desk.metadata.openOutages().map(\.upstream))
        let evicted = Mutex(0)
        let eviction = Eviction(
            responses: desk.metadata,
            delete: { [now = desk.now] (bodies, isForced) async throws(StoreError) in
                // Not what was stored since then: its row may be on its way.
                try await sweep.remove(bodies, untouchedSince: now, isForced: isForced)
            },
            evicted: { byteCount in evicted.withLock { $0 += byteCount } })
        var start = EvictionPlaces()
        let kept = desk.finder.identities(of: down)
        try await eviction.run(
            at: desk.now, from: &start,
            isProtected: { key in kept.contains { key.resource(of: $0) != nil } }
        ) { min($0.byteCount - goal, max(rule.excessBytes(stored: $0.byteCount), excess)) }
        return evicted.withLock { $0 }
    }

    private static func text(
        _ report: OrphanSweep.Report, evicted: Int, isDryRun: Bool
    ) -> String {
        func line(_ what: String, _ count: LeftoverCount) -> String {
            "\(what): \(count.count) (\(ProgressText.size(count.byteCount)))"
        }
        return [
            isDryRun ? "nothing is removed; this would go:" : "removed:",
            isDryRun && report.isImplausible ? "  (without --force it refuses: \(refusal))" : "",
            "  evicted: \(ProgressText.size(evicted))",
            "  " + line("files that no row needs", report.orphans),
            "  " + line("unfinished and damaged files", report.leftovers),
            "looked through \(report.blobCount) files",
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
