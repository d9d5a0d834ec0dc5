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
            // What it is made of comes first, then it is made anew.
            let keys = found.asked.map(\.key).filter { $0 != found.key } + [found.key]
            try await desk.metadata.want(keys, at: desk.now)
            let upstreams = found.asked.map(\.upstream).joined(separator: ", ")
            let verb = found.asked.count == 1 ? "is" : "are"
            return held == nil
                ? "noted: nothing is stored for \(resource) yet, and \(upstreams) \(verb) asked for it"
                : "noted: \(upstreams) \(verb) asked for \(resource), now or with the next request"
        }
    }
}
