import Backends
import CacheRules
import Configuration
import Engine
import Resources

/// `larder accept`: lists what is held back, or takes the next version of one document.
enum AcceptCommand {
    /// For how long an acceptance waits for the upstream's next version, in seconds.
    private static let seconds: Int64 = 86_400
    /// The most documents that are listed.
    private static let listLimit = 1_000

    static func run(_ resource: String, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let found = try desk.document(resource)
            guard let held = try await desk.metadata.response(for: found.key),
                held.heldBack != nil
            else { throw CommandFailure("no newer version of \(resource) is held back") }
            guard held.heldBack != Regression.invalid.rawValue else {
                throw CommandFailure(
                    "what \(found.upstream) sends for \(resource) is no document that anybody "
                        + "could take")
            }
            try await desk.metadata.accept(found.key, until: desk.now + seconds)
            try await desk.metadata.want([found.key], at: desk.now)
            try await desk.record(.accepted, upstream: found.upstream, found.resource.name)
            return "accepted: the next version of \(resource) is taken as it is, within a day"
        }
    }

    static func list(_ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let held = try await desk.metadata.heldBack(limit: listLimit)
            guard !held.isEmpty else { return "nothing is held back" }
            return held.map { response in
                let path = desk.finder.path(of: response.key)
                // Of an upstream that is no longer configured, or under a path of its own.
                return "\(path ?? response.key.text)  \(response.heldBack ?? "")"
            }.joined(separator: "\n")
        }
    }
}
