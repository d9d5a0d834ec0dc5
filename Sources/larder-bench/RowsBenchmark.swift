import Backends
import Dispatch
import HTTPModel
import Linux
import Resources
import Synchronization

/// A database with very many rows: its start, cold look-ups, and look-ups while eviction goes on.
///
/// Apart from the other benchmarks, since filling it takes minutes.
struct RowsBenchmark: Benchmark {
    static let upstream = UpstreamIdentity(
        ecosystem: "rows", name: "rows", location: "https://rows.example/")
    private static let coldLookUpCount = 2_000
    private static let hotRowCount = 5_000
    /// As the engine takes them.
    private static let evictionBatch = 256
    private static let quietSeconds = 10.0
    private static let evictionSeconds = 120.0

    let name: String
    let rowCount: Int
    let makeDatabase: @Sendable () async throws -> any RowsDatabase

    func run() throws -> [Figure] {
        try Self.waiting { try await measure(makeDatabase()) }
    }

    /// What is added to a row's number, so that keys are in the order of their numbers.
    static let numberBase = 100_000_000

    /// The key of a stored file.
    static func key(_ number: Int) -> CacheKey {
        let serial = numberBase + number
        let name = "\(serial / 100)/file-\(serial)-py3-none-any.whl"
        return CacheKey(.artifact(name), of: upstream)
    }

    private func measure(_ database: any RowsDatabase) async throws -> [Figure] {
        try await Self.makeSample(in: database)
        try await database.fill(rowCount, like: Self.key(0))
        try await database.forgetPages()

        let start = SystemClock.monotonicNanoseconds
        let opened = try await database.open()
        let store = opened.store
        let totals = try await store.totals()
        let startSeconds = Self.seconds(since: start)
        guard totals.responseCount > rowCount else {
            throw BenchmarkFault(description: "\(totals.responseCount) rows only")
        }
        let cold = try await coldLookUps(store)
        let catalogue = try await Self.catalogue(store, rowCount: rowCount)
        let quiet = try await hits(store, while: Self.quiet)
        let eviction = Mutex(Eviction())
        let busy = try await hits(store) {
            let result = try await evict(store)
            eviction.withLock { $0 = result }
        }
        let evicted = eviction.withLock { $0 }
        await opened.close()
        return [
            Figure("responses, and as many facts", Double(rowCount), "rows"),
            Figure("start with empty page cache, totals", startSeconds * 1e3, "ms"),
            Figure(
                "cold look-up, median", cold.median * 1e3, "ms",
                goal: .atMost(database.coldMedianGoal)),
            Figure("cold look-up, p99", cold.late * 1e3, "ms"),
            Figure("look-up of hot rows, p99", quiet.late * 1e3, "ms"),
            Figure("the same while rows are evicted, p99", busy.late * 1e3, "ms"),
            Figure("ratio of both p99", busy.late / quiet.late, "", goal: .atMost(2)),
            Figure("evicted meanwhile", Double(evicted.rowCount), "rows"),
            Figure("eviction", Double(evicted.rowCount) / evicted.seconds, "rows/s"),
        ] + catalogue
    }

    // MARK: Parts

    /// In a function of its own, since a connection stays open as long as its store lives.
    private static func makeSample(in database: any RowsDatabase) async throws {
        let opened = try await database.open()
        try await opened.store.store(document(), facts: [try fact(key(0))])
        try await opened.store.store(response(key(0)), facts: [])
        await opened.close()
    }

    private func coldLookUps(_ store: any MetadataStore) async throws -> Latencies {
        var times: [Double] = []
        for _ in 0..<Self.coldLookUpCount {
            times.append(try await Self.lookUp(.random(in: 1...rowCount), store))
        }
        return Latencies(times)
    }

    private static func lookUp(_ number: Int, _ store: any MetadataStore) async throws -> Double {
        let before = SystemClock.monotonicNanoseconds
        let found = try await store.response(for: key(number))
        let seconds = seconds(since: before)
        guard found != nil else { throw BenchmarkFault(description: "row \(number) is missing") }
        return seconds
    }

    private static func quiet() async throws {
        try await Task.sleep(for: .seconds(quietSeconds))
    }

    /// Look-ups of rows that were used last, one a millisecond at most, while something goes on.
    private func hits(
        _ store: any MetadataStore, while work: () async throws -> Void
    ) async throws -> Latencies {
        let hot = (0..<Self.hotRowCount).map { 1 + $0 * (rowCount / Self.hotRowCount) }
        try await store.record(
            Dictionary(uniqueKeysWithValues: hot.map { (Self.key($0), Int64.max) }))
        // Fills the caches, which is not counted.
        for number in hot { _ = try await Self.lookUp(number, store) }
        let isOver = Flag()
        async let times = Self.lookUps(hot, store, until: isOver)
        do {
            try await work()
        } catch {
            isOver.set()
            throw error
        }
        isOver.set()
        return Latencies(try await times)
    }

    private static func lookUps(
        _ numbers: [Int], _ store: any MetadataStore, until isOver: Flag
    ) async throws -> [Double] {
        var times: [Double] = []
        while !isOver.isSet {
            times.append(try await lookUp(numbers[times.count % numbers.count], store))
            try await Task.sleep(for: .milliseconds(1))
        }
        return times
    }

    private struct Eviction {
        var rowCount = 0
        var seconds = 1.0
    }

    /// Takes a hundredth of the rows away, as the engine does, or as many as it can in two minutes.
    private func evict(_ store: any MetadataStore) async throws -> Eviction {
        let began = SystemClock.monotonicNanoseconds
        let all = rowCount / 100
        var rest = all
        while rest > 0, Self.seconds(since: began) < Self.evictionSeconds {
            let oldest = try await store.leastRecentlyUsed(
                .artifact, after: nil, limit: min(rest, Self.evictionBatch)
            ).rows
            guard !oldest.isEmpty else { throw BenchmarkFault(description: "nothing to evict") }
            let removal = try await store.remove(oldest)
            guard removal.released.count == removal.rows.count else {
                throw BenchmarkFault(description: "a body with two responses")
            }
            rest -= removal.rows.count
        }
        return Eviction(rowCount: all - rest, seconds: Self.seconds(since: began))
    }

    private static func seconds(since nanoseconds: UInt64) -> Double {
        Double(SystemClock.monotonicNanoseconds - nanoseconds) / 1e9
    }

    /// Runs work to its end on Swift's own threads, while this one waits.
    static func waiting<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let result = Mutex<Result<Value, any Error>?>(nil)
        let end = DispatchSemaphore(value: 0)
        Task {
            do {
                let value = try await work()
                result.withLock { $0 = .success(value) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            end.signal()
        }
        end.wait()
        guard let outcome = result.withLock({ $0 }) else {
            throw BenchmarkFault(description: "no result")
        }
        return try outcome.get()
    }
}

/// Times in order, in seconds.
struct Latencies {
    private let times: [Double]

    /// At least one.
    init(_ times: [Double]) {
        self.times = times.isEmpty ? [0] : times.sorted()
    }

    var median: Double { times[times.count / 2] }
    /// The 99th percentile.
    var late: Double { times[times.count * 99 / 100] }
}

/// Something that happens once, for all threads.
private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)

    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
}
