import Backends
import Configuration
import Engine
import Resources

/// `larder refresh`: has the upstream of a document asked now.
enum RefreshCommand {
    static func run(_ resource: String, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let found = try desk.document(resource)
            let held = try await desk.metadata.response(for: found.key)
            try await desk.want(found.key, held)
            return held == nil
                ? "noted: nothing is stored for \(resource) yet, and \(found.upstream) is asked for it"
                : "noted: \(found.upstream) is asked for \(resource), now or with the next request"
        }
    }
}
