import Backends
import Linux
import Resources

/// The catalogue of very many files: how long it takes to enter them, and what pages ask of it.
extension RowsBenchmark {
    /// Ten files are one package.
    static let coordinates: PackageCoordinates.Reader = { _, artifact in
        guard let file = artifact.split(separator: "/").last,
            let serial = file.split(separator: "-").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        let spelled = PackageCoordinates.folded("pack\(serial / 10 % 97)_age-\(serial / 10)")
        return PackageCoordinates(name: spelled, version: "1.\(serial % 10)")
    }

    private static let rounds = 21

    /// A name that nothing has, so that all are looked through, and some that have many or few.
    private static let queries = ["nothing-has-it", "pack", "7-age", "e", "age-100012"]

    static func catalogue(
        _ store: any Catalogue, rowCount: Int
    ) async throws -> [Figure] {
        let began = SystemClock.monotonicNanoseconds
        while try await store.enterBacklog() {}
        let seconds = Double(SystemClock.monotonicNanoseconds - began) / 1e9
        let count = try await store.packageCount(limit: 1 << 30)
        guard count >= rowCount / 10 else {
            throw BenchmarkFault(description: "\(count) packages only")
        }
        var worst = 0.0
        for query in queries {
            worst = max(
                worst,
                try await median {
                    _ = try await store.packages(
                        holding: PackageCoordinates.folded(query), among: 200_000, limit: 51)
                })
        }
        let landing = try await median {
            _ = try await store.packageCount(limit: 100_001)
            _ = try await store.newestPackages(limit: 8)
            _ = try await store.largestPackages(limit: 8)
            _ = try await store.traffic(sinceHour: 0)
        }
        return [
            Figure("packages of these", Double(count), "packages"),
            Figure("entering the backlog", Double(rowCount) / seconds, "rows/s"),
            Figure("search, slowest median", worst * 1e3, "ms", goal: .atMost(100)),
            Figure("what the first page asks for, median", landing * 1e3, "ms", goal: .atMost(50)),
        ]
    }

    private static func median(_ work: () async throws -> Void) async throws -> Double {
        var times: [Double] = []
        for _ in 0..<rounds {
            let before = SystemClock.monotonicNanoseconds
            try await work()
            times.append(Double(SystemClock.monotonicNanoseconds - before) / 1e9)
        }
        return Latencies(times).median
    }
}
