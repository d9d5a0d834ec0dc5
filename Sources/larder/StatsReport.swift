import FoundationEssentials
import Upkeep

/// What `larder stats` found; its members are the keys of `--json`.
struct StatsReport: Codable {
    struct Share: Codable {
        let ecosystem: String
        let mount: String
        let kind: String
        let count: Int
        let bytes: Int
    }

    /// In the last 30 days, as the landing page counts it.
    struct Saved: Codable {
        /// When the first hour began in which something was counted.
        let since: String
        let requests: Int
        let hits: Int
        let sentBytes: Int
        let upstreamRequests: Int
        let upstreamBytes: Int
        let servedDuringOutages: Int
    }

    struct Outage: Codable {
        let upstream: String
        let began: String
        /// Nothing while it goes on.
        let ended: String?
        let seconds: Int64
        let served: Int
    }

    let stored: [Share]
    let limitBytes: Int
    /// Nothing where nothing was counted.
    let saved: Saved?
    /// Newest first.
    let outages: [Outage]

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    // MARK: As a table

    var text: String {
        let count = stored.reduce(0) { $0 + $1.count }
        let bytes = stored.reduce(0) { $0 + $1.bytes }
        var lines = [
            "stored: \(count) responses, \(ProgressText.size(bytes)) of "
                + ProgressText.size(limitBytes)
        ]
        lines += Self.table(
            stored.map { share in
                [
                    share.mount.isEmpty ? share.ecosystem : share.mount, share.kind,
                    "\(share.count)", ProgressText.size(share.bytes),
                ]
            })
        lines += ["", "saved" + (saved.map { " since \($0.since)" } ?? "") + ":"]
        lines += saved.map(Self.lines) ?? ["  nothing was served yet; servers count once a minute"]
        lines += ["", "outages, newest first:"]
        if outages.isEmpty { lines.append("  none") }
        lines += Self.table(
            outages.map { outage in
                [
                    outage.upstream, outage.began,
                    outage.ended == nil ? "goes on" : "for",
                    ProgressText.time(Int(outage.seconds)), "\(outage.served) requests served",
                ]
            })
        return lines.joined(separator: "\n")
    }

    private static func lines(_ saved: Saved) -> [String] {
        let share = saved.requests > 0 ? saved.hits * 1_000 / saved.requests : 0
        let savedBytes = max(saved.sentBytes - saved.upstreamBytes, 0)
        let savedRequests = max(saved.requests - saved.upstreamRequests, 0)
        return table([
            ["requests answered", "\(saved.requests)"],
            ["hits", "\(saved.hits) (\(share / 10).\(share % 10) %)"],
            ["upstream requests", "\(saved.upstreamRequests), \(savedRequests) saved"],
            [
                "bytes sent",
                "\(ProgressText.size(saved.sentBytes)), \(ProgressText.size(savedBytes)) saved",
            ],
            ["served during outages", "\(saved.servedDuringOutages)"],
        ])
    }

    private static func table(_ rows: [[String]]) -> [String] {
        TextTable.lines(rows).map { "  " + $0 }
    }
}
