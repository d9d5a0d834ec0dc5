import Foundation
import Support

/// Requests for an index, by what they asked for.
struct Traffic: Sendable, Hashable, CustomStringConvertible {
    var pages = 0
    /// Pages that had not changed since the client saw them: 304.
    var unchanged = 0
    var metadata = 0
    var files = 0
    /// Parts of files: 206.
    var parts = 0
    /// Files that were asked for by HEAD.
    var heads = 0
    /// Anything that an installer need not ask for, errors included.
    var others: [String] = []

    static let none = Traffic()

    var description: String {
        "\(pages) pages, \(unchanged) unchanged, \(metadata) metadata, \(files) files, "
            + "\(parts) parts, \(heads) heads, \(others)"
    }

    /// So many of each.
    static func * (count: Int, each: Traffic) -> Traffic {
        Traffic(
            pages: count * each.pages, unchanged: count * each.unchanged,
            metadata: count * each.metadata, files: count * each.files,
            parts: count * each.parts, heads: count * each.heads)
    }

    mutating func add(_ method: String, _ path: String, status: Int) {
        let ending = path.split(separator: ".").last
        switch (method, status) {
        case ("GET", 200) where path.hasSuffix("/"): pages += 1
        case ("GET", 304) where path.hasSuffix("/"): unchanged += 1
        case ("GET", 200) where ending == "metadata": metadata += 1
        case ("GET", 200) where ending == "whl": files += 1
        case ("GET", 206) where ending == "whl": parts += 1
        case ("HEAD", 200) where ending == "whl": heads += 1
        default: others.append("\(method) \(path) \(status)")
        }
    }
}

extension Upstream {
    /// What was asked for after the first `count` requests; each of them was answered.
    func traffic(after count: Int = 0) -> Traffic {
        ledger.requests.dropFirst(count).reduce(into: Traffic()) {
            $0.add($1.method, $1.path, status: 200)
        }
    }
}

extension Larder {
    /// Does something and tells what clients asked for meanwhile.
    ///
    /// A request is written to the log after its client has had the answer, so this waits for as many
    /// as are `expected`, for five seconds at most.
    func traffic(
        expecting expected: Traffic, during work: () async throws -> Void
    ) async throws
        -> Traffic
    {
        try await settleLog()
        let count = events("request").count
        try await work()
        let end = ContinuousClock.now + .seconds(5)
        // What is more than expected is in the log by then as well.
        let own = try await settleLog()
        while true {
            let requests = events("request").dropFirst(count).filter { $0["id"] != own }
            let traffic = requests.reduce(into: Traffic()) {
                $0.add($1["method"] ?? "", $1["key"] ?? "", status: Int($1["status"] ?? "") ?? 0)
            }
            if traffic == expected || ContinuousClock.now >= end { return traffic }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
