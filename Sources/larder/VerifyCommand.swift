import Backends
import Configuration
import Engine
import Upkeep
import Upstream

/// `larder verify`: compares what is stored with what the database says of it.
enum VerifyCommand {
    static func run(repairs: Bool, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.answer(settings) { desk in
            let client = try Wiring.client(settings)
            defer { client.close() }
            let line = ProgressLine()
            let repair = Verification.Repair {
                // Without it nobody would know that the project's stored files must not be served.
                $0.isRefused || $0.isTakedown
            }
            let places = try StorePlaces.all(settings, client)
            let stored = try await desk.metadata.totals()
            guard !places.isEmpty || stored.responseCount == 0 else {
                throw CommandFailure(
                    "there are no files where \(stored.responseCount) are expected; "
                        + "are --config and --data those of the server?")
            }
            defer { line.end() }
            let report = try await Verification(
                places: places, metadata: desk.store, now: desk.now,
                repair: repairs ? repair : nil,
                watch: line.watch
            ).run()
            return (text(report, repairs: repairs), report.isGood ? .good : .failed)
        }
    }

    private static func text(_ report: Verification.Report, repairs: Bool) -> String {
        var lines = [
            report.isGood ? "all is well" : "not all is well",
            "  files: \(report.blobCount) (\(ProgressText.size(report.byteCount)))",
            "  rows: \(report.rowCount)",
            "  damaged: \(report.damagedCount)",
            "  missing: \(report.missingCount)",
            "  files that no row needs: \(report.orphans.count) "
                + "(\(ProgressText.size(report.orphans.byteCount)))",
        ]
        if repairs { lines.append("  rows removed: \(report.removedCount)") }
        if report.pendingCount > 0 {
            lines.append("  perhaps not uploaded yet by another server: \(report.pendingCount)")
        }
        if report.isRefused {
            lines.append(
                "no row is removed: so much is missing that this is not the servers' store, or it is "
                    + "not mounted; are the settings those of the server?")
        }
        if !report.isGood, !repairs {
            lines.append("`larder verify --repair` drops what is wrong, to be fetched again")
        }
        return lines.joined(separator: "\n")
    }
}
