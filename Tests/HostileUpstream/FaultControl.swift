import Foundation
import Support
import Synchronization

/// Sets, lists and ends the faults of an origin, as its control port is asked to.
final class FaultControl: Sendable {
    private let origin: OriginStub
    private let rules = Mutex<[String]>([])

    init(_ origin: OriginStub) {
        self.origin = origin
    }

    func answer(_ request: OriginRequest) -> OriginAnswer {
        do {
            switch (request.method, request.path) {
            case ("GET", "/faults"):
                return .text(rules.withLock { $0.map { $0 + "\n" }.joined() })
            case ("GET", "/ledger"): return .text(ledger)
            case ("PUT", "/faults"):
                try set(String(decoding: request.body, as: UTF8.self))
                return OriginAnswer(204)
            case ("DELETE", "/faults"):
                try origin.fail(nil)
                rules.withLock { $0 = [] }
                return OriginAnswer(204)
            default: return .text(Arguments.usage + "\n").with(\.status, 404)
            }
        } catch {
            return .text("\(error)\n").with(\.status, 400)
        }
    }

    /// Sets a fault from its words, as `/simple/* status=503`.
    func set(_ rule: String) throws {
        let words = rule.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 2, let fault = try fault(words[1]) else {
            throw Refusal(description: "not a pattern and a fault: \(rule)\n\(Arguments.usage)")
        }
        do {
            try origin.fail(fault, at: words[0])
        } catch is OriginStub.NotOfOnePath {
            throw Refusal(description: "\(words[1]) is of all paths: its pattern is *")
        }
        rules.withLock { rules in
            rules.removeAll { $0.hasPrefix(words[0] + " ") }
            rules.append(words.joined(separator: " "))
        }
    }

    private func fault(_ word: String) throws -> Fault? {
        guard word.hasPrefix("file=") else { return Fault(word) }
        let path = String(word.dropFirst("file=".count))
        return .replaced([UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: path))))
    }

    /// A line for each request: its second, method and target, as the first one's second is 0.
    private var ledger: String {
        let requests = origin.ledger.requests
        return requests.map { request in
            let seconds = requests[0].time.duration(to: request.time) / .seconds(1)
            let time = String(format: "%9.3f", seconds)
            return "\(time) \(request.method) \(request.target)\n"
        }.joined()
    }
}
