import Foundation
import Linux

/// Memory that belongs to no file: with nothing to do, with idle connections, with downloads; and how
/// long the start takes.
struct MemoryBenchmark: Benchmark {
    let name = "memory"
    let programs: PeerPrograms
    private static let project = HitsBenchmark.project(8_000_000, 4)
    private static let startCount = 5

    func run() throws -> [Figure] {
        let registry = try SamplePackages(HitsBenchmark.small + [Self.project])
        let starts = try (0..<Self.startCount).map { _ in
            // Its end is not part of its start.
            var larder: Contender?
            let seconds = try Stopwatch.once { larder = try programs.startLarder(registry) }
            return withExtendedLifetime(larder) { seconds }
        }
        let larder = try programs.startLarder(registry)
        // What it does after its start is over by then.
        Thread.sleep(forTimeInterval: 1)
        let fresh = Self.memory(of: larder)
        let pages = HitsBenchmark.small.map(larder.page)
        let files = try larder.files(Self.project)
        for target in pages + files { _ = try larder.get(target) }
        let used = Self.memory(of: larder)
        let idle = try Load(
            port: larder.port, requests: (pages + files).map { larder.request($0) },
            connections: 1_000)
        _ = try idle.run(seconds: 1)
        let connected = Self.memory(of: larder)
        let busy = try Load(
            port: larder.port, requests: Array(repeating: larder.request(files[0]), count: 500),
            connections: 500)
        var most = 0
        var next: UInt64 = 0
        _ = try busy.runOnce {
            guard SystemClock.monotonicNanoseconds > next else { return }
            next = SystemClock.monotonicNanoseconds + 50_000_000
            most = max(most, Self.memory(of: larder))
        }
        return [
            Figure("start to the first connection", Contest.middle(starts) * 1e3, "ms"),
            figure("idle", fresh, 30),
            Figure("idle after first requests", Double(used) / 1_048_576, "MiB"),
            figure("1,000 idle connections that were used", connected, 45),
            figure("500 active downloads besides", most, 120),
        ]
    }

    private static func memory(of contender: Contender) -> Int {
        contender.server?.use.anonymousByteCount ?? 0
    }

    private func figure(_ title: String, _ byteCount: Int, _ goal: Double) -> Figure {
        Figure(
            "anonymous memory: \(title)", Double(byteCount) / 1_048_576, "MiB",
            goal: .atMost(goal))
    }
}
