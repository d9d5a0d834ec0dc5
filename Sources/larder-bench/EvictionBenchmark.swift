import Backends
import Foundation
import Resources
import Support

/// How late hits are while the server evicts a hundredth of very many stored files, by how late they
/// are without that.
///
/// Apart from the other benchmarks, since filling the database takes minutes.
struct EvictionBenchmark: Benchmark {
    let name = "rows-hits"
    let programs: PeerPrograms
    let rowCount: Int

    private static let hot = HitsBenchmark.project(2_000, 5_000)
    private static let requestsPerSecond = 5_000.0
    private static let connectionCount = 32
    private static let roundSeconds = 2.0
    private static let quietRounds = 10
    /// Two minutes of evicting are enough, however slow the disk is.
    private static let mostRounds = 60
    private static let rowByteCount = 100_000

    func run() throws -> [Figure] {
        let registry = try SamplePackages([Self.hot])
        let folder = try PeerServer.makeFolder()
        let first = try programs.startLarder(registry, in: folder)
        let targets = try first.files(Self.hot)
        _ = try load(first, targets)
        first.server?.stop()
        try ManyResponsesBenchmark.fill(
            folder + "/data", count: rowCount, byteCount: Self.rowByteCount)
        try Self.enterBacklog(folder + "/data")

        let quiet = try programs.startLarder(registry, in: folder, ["LARDER_CACHE_SIZE": "1000TB"])
        let quietLoad = try load(quiet, targets)
        let still = try (0..<Self.quietRounds).flatMap { _ in try round(quietLoad) }
        quiet.server?.stop()

        // What it holds is a little more than this: it evicts from its start on, down to 95 %.
        let evicting = try programs.startLarder(
            registry, in: folder, ["LARDER_CACHE_SIZE": "\(rowCount * Self.rowByteCount)"])
        let evictingLoad = try load(evicting, targets)
        let begun = try evicted(evicting)
        var during: [UInt64] = []
        var rounds = 0
        var count = 0
        while count < rowCount / 100, rounds < Self.mostRounds {
            during += try round(evictingLoad)
            rounds += 1
            let now = try evicted(evicting) - begun
            guard now > count else { throw BenchmarkFault(description: "it evicts no longer") }
            count = now
        }
        let before = Latencies(still.map { Double($0) / 1e9 })
        let after = Latencies(during.map { Double($0) / 1e9 })
        let seconds = Double(rounds) * Self.roundSeconds
        return [
            Figure("stored files", Double(rowCount), "rows"),
            Figure("hits", Self.requestsPerSecond, "requests/s"),
            Figure("hits, median", before.median * 1e3, "ms"),
            Figure("hits, p99", before.late * 1e3, "ms"),
            Figure("the same while rows are evicted, median", after.median * 1e3, "ms"),
            Figure("the same while rows are evicted, p99", after.late * 1e3, "ms"),
            Figure("ratio of both p99", after.late / before.late, "", goal: .atMost(2)),
            Figure(
                "evicted meanwhile", Double(count), "rows", goal: .atLeast(Double(rowCount) / 100)),
            Figure("eviction", Double(count) / seconds, "rows/s"),
        ]
    }

    /// Enters the files among the packages, which a server would do meanwhile.
    private static func enterBacklog(_ data: String) throws {
        try RowsBenchmark.waiting {
            let opened = try await SQLiteRows(folder: data, file: "larder.sqlite").open()
            while try await opened.store.enterBacklog() {}
            await opened.close()
        }
    }

    /// A load whose files were each looked up in the database once.
    private func load(_ larder: Contender, _ targets: [String]) throws -> Load {
        let load = try Load(
            port: larder.port, requests: targets.map { larder.request($0) },
            connections: Self.connectionCount)
        _ = try load.runOnce()
        return load
    }

    private func round(_ load: Load) throws -> [UInt64] {
        try load.run(
            perSecond: Self.requestsPerSecond, seconds: Self.roundSeconds, ownDelay: false
        ).latencies
    }

    /// How many of the rows that were added are gone since the start.
    private func evicted(_ larder: Contender) throws -> Int {
        let body = try HTTPFetch(port: larder.port).get("/metrics", keepingBody: true).body
        let line = String(decoding: body, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("larder_evicted_bytes_total ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
            throw BenchmarkFault(description: "the server does not tell what it evicted")
        }
        return Int(value) / Self.rowByteCount
    }
}
