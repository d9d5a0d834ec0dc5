import Dispatch
import Foundation
import Linux
import Support
import Synchronization

/// What one server without anything of its own carries, and what cold requests cost everything
/// behind it; see docs/scaling.md.
///
/// The upstream answers at once, so that the seconds are those of Larder, database and bucket.
struct ColdBenchmark: Benchmark {
    private static let clientCount = 16
    private static let largeClientCount = 4
    private static let hitSeconds = 5.0
    private static let idleSeconds = 10.0
    private static let settlingSeconds = 1.5

    let name: String
    let count: Int
    let program: String
    let makeBucket: @Sendable () throws -> any ColdBucket

    func run() throws -> [Figure] {
        try RowsBenchmark.waiting { try await measure() }
    }

    private func measure() async throws -> [Figure] {
        let bed = try ColdBed(count, makeBucket(), program: program)
        try await bed.prepare()
        let one = try bed.start()
        // The self test of the bucket and what else a start does is not counted.
        try await Task.sleep(for: .seconds(2))
        let idle = try await idle(bed, one)
        var figures = [
            Figure("idle: transactions", idle.transactions / Self.idleSeconds, "/s"),
            Figure("idle: CPU of Larder", idle.larderSeconds / Self.idleSeconds * 1e3, "ms/s"),
        ]
        let rate = idle.transactions / Self.idleSeconds
        func add(
            _ phase: String, _ targets: [String], to server: RunningLarder, clients: Int
        ) async throws {
            figures += try await cold(
                phase, targets, to: server, of: bed, clients: clients, idleRate: rate)
        }
        try await add("cold page", bed.pages, to: one, clients: Self.clientCount)
        try await add("cold file", bed.files, to: one, clients: Self.clientCount)
        try await add("cold large file", bed.large, to: one, clients: Self.largeClientCount)
        let two = try bed.start()
        try await Task.sleep(for: .seconds(2))
        try await add("page of another", bed.pages, to: two, clients: Self.clientCount)
        try await add("file of another", bed.files, to: two, clients: Self.clientCount)
        try await add("large file of another", bed.large, to: two, clients: Self.largeClientCount)
        figures += try await hits("hit on a page", Array(bed.pages.prefix(100)), bed, one)
        figures += try await hits("hit on a file", Array(bed.files.prefix(100)), bed, one)
        figures += try await hits("hit on a large file", bed.large, bed, one)
        return figures
    }

    private func idle(_ bed: ColdBed, _ server: RunningLarder) async throws -> ColdCosts {
        let before = try await bed.costs(of: server)
        try await Task.sleep(for: .seconds(Self.idleSeconds))
        return try await bed.costs(of: server) - before
    }

    // MARK: Cold

    private func cold(
        _ phase: String, _ targets: [String], to server: RunningLarder, of bed: ColdBed,
        clients: Int, idleRate: Double
    ) async throws -> [Figure] {
        let before = try await bed.costs(of: server)
        let load = try await ColdLoad.run(targets, at: server, clients: clients)
        // What is stored after clients have it is a part of the costs.
        try await Task.sleep(for: .seconds(Self.settlingSeconds))
        let costs = try await bed.costs(of: server) - before
        let count = Double(targets.count)
        let latencies = Latencies(load.times)
        let idle = idleRate * (load.seconds + Self.settlingSeconds)
        let transactions = max(0, costs.transactions - idle) / count
        var figures = [
            Figure("requests", count / load.seconds, "/s"),
            Figure("bytes", Double(load.byteCount) / load.seconds / 1e6, "MB/s"),
            Figure("median", latencies.median * 1e3, "ms"),
            Figure("p99", latencies.late * 1e3, "ms"),
            Figure("CPU of Larder", costs.larderSeconds / count * 1e3, "ms/request"),
            Figure("CPU of PostgreSQL", costs.databaseSeconds / count * 1e3, "ms/request"),
            Figure("round trips to PostgreSQL", transactions, "/request"),
            Figure("in its statements", costs.executionSeconds / count * 1e3, "ms/request"),
            Figure("growth of the database", costs.databaseBytes / count, "bytes/request"),
            Figure("write-ahead log", costs.logBytes / count, "bytes/request"),
            Figure("upstream requests", costs.upstreamRequests / count, "/request"),
        ]
        if let seconds = costs.bucketSeconds {
            figures.append(Figure("CPU of the bucket", seconds / count * 1e3, "ms/request"))
        }
        for (method, number) in (costs.bucketRequests ?? [:]).sorted(by: { $0.key < $1.key }) {
            figures.append(Figure("bucket, \(method)", Double(number) / count, "/request"))
        }
        return figures.map { Figure("\(phase): \($0.name)", $0.value, $0.unit) }
    }

    // MARK: Hits

    private func hits(
        _ phase: String, _ targets: [String], _ bed: ColdBed, _ server: RunningLarder
    ) async throws -> [Figure] {
        let before = try await bed.costs(of: server)
        let load = try await ColdLoad.run(
            targets, at: server, clients: Self.largeClientCount, for: Self.hitSeconds)
        let costs = try await bed.costs(of: server) - before
        let count = Double(load.times.count)
        let latencies = Latencies(load.times)
        return [
            Figure("\(phase): requests", count / load.seconds, "/s"),
            Figure("\(phase): bytes", Double(load.byteCount) / load.seconds / 1e6, "MB/s"),
            Figure("\(phase): p99", latencies.late * 1e3, "ms"),
            Figure("\(phase): CPU of Larder", costs.larderSeconds / count * 1e6, "µs/request"),
            Figure("\(phase): upstream requests", costs.upstreamRequests, ""),
        ]
    }
}

/// Requests of several clients, each over a connection that it keeps.
private struct ColdLoad: Sendable {
    /// What one answer took, in seconds.
    var times: [Double] = []
    var byteCount = 0
    var seconds = 0.0

    /// Asks for every target once, or in turn for some time.
    static func run(
        _ targets: [String], at server: RunningLarder, clients: Int, for limit: Double? = nil
    ) async throws -> ColdLoad {
        let next = Counter()
        let begun = SystemClock.monotonicNanoseconds
        let take: @Sendable () -> String? = {
            let number = next.next()
            guard let limit else { return number < targets.count ? targets[number] : nil }
            return since(begun) < limit ? targets[number % targets.count] : nil
        }
        let (port, root) = (server.port, server.root)
        var load = ColdLoad()
        try await withThrowingTaskGroup(of: ColdLoad.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    try await ServerProgram.aside {
                        try ask(while: take, port: port, root: root)
                    }
                }
            }
            for try await part in group {
                load.times += part.times
                load.byteCount += part.byteCount
            }
        }
        load.seconds = since(begun)
        return load
    }

    private static func since(_ nanoseconds: UInt64) -> Double {
        Double(SystemClock.monotonicNanoseconds - nanoseconds) / 1e9
    }

    private static func ask(
        while take: () -> String?, port: Int, root: String
    ) throws -> ColdLoad {
        let connection = try HTTPFetch(port: port)
        var load = ColdLoad()
        while let target = take() {
            let before = SystemClock.monotonicNanoseconds
            let answer = try connection.get(
                root + target, accept: "application/vnd.pypi.simple.v1+json, */*;q=0.1")
            load.times.append(Double(SystemClock.monotonicNanoseconds - before) / 1e9)
            load.byteCount += answer.byteCount
        }
        return load
    }
}

/// Numbers from 0 on, each given once.
private final class Counter: Sendable {
    private let state = Atomic<Int>(0)

    func next() -> Int { state.add(1, ordering: .relaxed).oldValue }
}
