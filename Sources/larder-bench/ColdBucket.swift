import Foundation
import Support

/// A bucket for servers under test.
protocol ColdBucket: Sendable {
    /// What a server gets to reach it.
    var settings: [String: String] { get }

    /// Requests so far by method; nil where nobody counts.
    func requestCounts() -> [String: Int]?

    /// Processor time so far; nil where it runs within this process.
    func processorSeconds() throws -> Double?
}

/// Our double, which counts requests.
final class DoubleBucket: ColdBucket {
    private let stub: S3Stub

    init() throws { stub = try S3Stub() }

    var settings: [String: String] { bucketSettings(stub.origin.base) }

    func requestCounts() -> [String: Int]? {
        stub.origin.ledger.requests.reduce(into: [:]) { counts, request in
            let isList = request.method == "GET" && S3Stub.name(request).isEmpty
            counts[isList ? "LIST" : request.method, default: 0] += 1
        }
    }

    func processorSeconds() -> Double? { nil }
}

/// SeaweedFS, a real server.
final class SeaweedBucket: ColdBucket {
    private let server: SeaweedServer

    init() throws { server = try SeaweedServer() }

    var settings: [String: String] { bucketSettings(server.endpoint) }

    func requestCounts() -> [String: Int]? { nil }

    func processorSeconds() throws -> Double? {
        try ProcessTree.processorSeconds(of: server.processIdentifier)
    }
}

private func bucketSettings(_ endpoint: String) -> [String: String] {
    [
        "STORAGE_URL": "s3://\(SeaweedServer.bucket)/cold?endpoint=\(endpoint)",
        "AWS_ACCESS_KEY_ID": SeaweedServer.keyID,
        "AWS_SECRET_ACCESS_KEY": SeaweedServer.secret,
    ]
}

/// A process and all that it started.
enum ProcessTree {
    /// What the kernel gives times in (proc(5): `sysconf(_SC_CLK_TCK)`, 100 on Linux for all).
    private static let ticksPerSecond = 100.0

    private struct Member {
        let parent: Int32
        let ticks: Int
    }

    /// User's and system's time, of children that ended as well.
    static func processorSeconds(of root: Int32) throws -> Double {
        var members: [Int32: Member] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            // It may have ended meanwhile.
            if let number = Int32(name) { members[number] = member(number) }
        }
        guard members[root] != nil else {
            throw BenchmarkFault(description: "the process \(root) has ended")
        }
        var sum = 0
        for (number, member) in members where descends(number, from: root, in: members) {
            sum += member.ticks
        }
        return Double(sum) / ticksPerSecond
    }

    private static func member(_ number: Int32) -> Member? {
        // The name, in parentheses, may hold anything.
        guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ").dropFirst().map(String.init)
        guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
        return Member(
            parent: parent, ticks: fields[11...14].compactMap { Int($0) }.reduce(0, +))
    }

    private static func descends(
        _ number: Int32, from root: Int32, in members: [Int32: Member]
    ) -> Bool {
        var current = number
        while let member = members[current] {
            if current == root { return true }
            current = member.parent
        }
        return false
    }
}
