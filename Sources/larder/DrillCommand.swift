import Backends
import Configuration
import Engine
import HTTPModel
import Spelling

/// `larder drill`: cuts upstreams off for a rehearsal.
enum DrillCommand {
    static func status(_ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in try await status(desk) }
    }

    static func start(_ upstreams: [String], _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let known = desk.finder.upstreams
            let wanted = try labels(upstreams, among: known)
            let cut = try await desk.metadata.drills().map(\.upstream)
            try await desk.metadata.beginDrill(wanted, at: desk.now)
            for upstream in wanted where !cut.contains(upstream) {
                try await desk.record(.drillBegan, upstream: upstream)
            }
            return try await status(desk)
        }
    }

    static func stop(_ upstreams: [String], _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let cut = try await desk.metadata.drills().map(\.upstream)
            // One that is no longer configured can be ended all the same.
            let known = Set(desk.finder.upstreams + cut).sorted()
            let wanted = upstreams.isEmpty ? cut : try labels(upstreams, among: known)
            try await desk.metadata.endDrill(wanted)
            for upstream in wanted where cut.contains(upstream) {
                try await desk.record(.drillEnded, upstream: upstream)
            }
            return try await status(desk)
        }
    }

    private static func status(_ desk: OperatorDesk) async throws(StoreError) -> String {
        let drills = try await desk.metadata.drills()
        guard !drills.isEmpty else { return "no upstream is cut off" }
        return drills.map { "\($0.upstream)  cut off since \(Timestamp.text($0.beganAt))" }
            .joined(separator: "\n")
    }

    /// The labels that are meant: all when none is given.
    private static func labels(
        _ given: [String], among known: [String]
    ) throws(CommandFailure) -> [String] {
        for label in given where !known.contains(label) {
            throw CommandFailure(
                "unknown upstream \"\(label)\"; \(hint(for: label, among: known))",
                status: .misuse)
        }
        return given.isEmpty ? known : given
    }

    private static func hint(for label: String, among known: [String]) -> String {
        // The label of what is made of several, as `helm` is, is none of an upstream.
        let members = known.filter { $0.hasPrefix("\(label)/") }
        if members.isEmpty, let near = nearestName(to: label, among: known) {
            return "did you mean \(near)?"
        }
        return "there are \((members.isEmpty ? known : members).joined(separator: ", "))"
    }
}
