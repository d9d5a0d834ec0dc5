import Backends
import Configuration
import Ecosystems
import Engine
import HTTPModel
import Resources

/// `larder stats`: what is stored, and what it saved.
enum StatsCommand {
    static func run(isJSON: Bool, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let stored = try await stored(desk, settings)
            let outages = try await desk.metadata.outages(limit: 20).map { outage in
                StatsReport.Outage(
                    upstream: outage.upstream, began: Timestamp.text(outage.beganAt),
                    ended: outage.endedAt.map(Timestamp.text),
                    seconds: max((outage.endedAt ?? desk.now) - outage.beganAt, 0),
                    served: outage.servedCount)
            }
            let report = StatsReport(
                stored: stored, limitBytes: settings.storeSizeBytes,
                saved: try await saved(desk), outages: outages)
            return isJSON ? try report.json() : report.text
        }
    }

    /// By mount and kind, and what belongs to none of the mounts.
    private static func stored(
        _ desk: OperatorDesk, _ settings: Settings
    ) async throws -> [StatsReport.Share] {
        var shares: [StatsReport.Share] = []
        var rest = try await desk.metadata.totals()
        func add(
            _ ecosystem: String, _ mount: String, _ kind: String, _ prefix: String
        ) async throws {
            let found = try await desk.inventory.totals(ofKeys: prefix)
            rest.responseCount -= found.responseCount
            rest.byteCount -= found.byteCount
            guard found.responseCount > 0 else { return }
            shares.append(
                StatsReport.Share(
                    ecosystem: ecosystem, mount: mount, kind: kind, count: found.responseCount,
                    bytes: found.byteCount))
        }
        var seen: Set<String> = []
        for mount in try Wiring.mounts(settings) {
            let upstream = mount.adapter.identity
            guard seen.insert("\(upstream.ecosystem) \(upstream.location)").inserted else {
                continue
            }
            for (kind, resource) in [
                ("documents", Resource.document("")), ("files", Resource.artifact("")),
            ] {
                let prefix = CacheKey(resource, of: upstream).text
                try await add(upstream.ecosystem, upstream.name, kind, prefix)
            }
        }
        try await add("all", "", "renderings", "r ")
        // A server may be storing meanwhile.
        if rest.responseCount > 0, rest.byteCount >= 0 {
            shares.append(
                StatsReport.Share(
                    ecosystem: "other", mount: "", kind: "of no configured upstream",
                    count: rest.responseCount, bytes: rest.byteCount))
        }
        return shares
    }

    /// Of all servers that share the database; nil where none has written anything yet.
    private static func saved(_ desk: OperatorDesk) async throws -> StatsReport.Saved? {
        let hours = try await desk.store.traffic(sinceHour: desk.now / 3_600 - Traffic.shownHours)
        guard let first = hours.first else { return nil }
        let total = hours.reduce(into: Traffic()) { $0 += $1.traffic }
        return StatsReport.Saved(
            since: Timestamp.text(first.hour * 3_600), requests: total.requestCount,
            hits: total.hitCount, sentBytes: total.servedBytes,
            upstreamRequests: total.upstreamRequestCount, upstreamBytes: total.upstreamBytes,
            servedDuringOutages: total.outageRequestCount)
    }
}
