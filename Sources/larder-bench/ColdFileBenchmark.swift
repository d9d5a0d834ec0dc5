import Linux
import Support

/// A file of 100 MB that is not stored, from an upstream held to 1 Gbit/s and 10 ms, and one of 16 MB
/// for 200 clients at once.
struct ColdFileBenchmark: Benchmark {
    let name = "cold-file"
    let programs: PeerPrograms
    private static let byteCount = 100_000_000
    private static let clientCount = 200
    private static let project = SamplePackages.Project(
        name: "cold", files: Array(repeating: byteCount, count: 5) + [16_000_000],
        pageByteCount: 80_000)

    private struct Times {
        let first: Double
        let last: Double
    }

    func run() throws -> [Figure] {
        let registry = try SamplePackages([Self.project])
        let larder = try programs.startLarder(registry)
        let direct = Contender(direct: registry)
        let own = try larder.files(Self.project)
        let others = try direct.files(Self.project)
        registry.origin.line = .gigabit
        var times: (own: [Times], direct: [Times]) = ([], [])
        for number in 0..<5 {
            times.direct.append(try Self.fetch(others[number], from: direct))
            times.own.append(try Self.fetch(own[number], from: larder))
        }
        func figure(_ name: String, _ times: [Times], _ part: (Times) -> Double) -> Figure {
            Figure("cold 100 MB, \(name)", Contest.middle(times.map(part)) * 1e3, "ms")
        }
        let later = zip(times.own, times.direct).map { ($0.first - $1.first) * 1e3 }
        let slower = zip(times.own, times.direct).map { $0.last / $1.last }
        return [
            figure("first byte: larder", times.own) { $0.first },
            figure("first byte: direct", times.direct) { $0.first },
            Figure(
                "cold 100 MB, first byte: larder after direct", Contest.middle(later), "ms",
                goal: .atMost(5), mayMiss: true),
            figure("last byte: larder", times.own) { $0.last },
            figure("last byte: direct", times.direct) { $0.last },
            Figure(
                "cold 100 MB, last byte: larder by direct", Contest.middle(slower), "times",
                goal: .atMost(1.1), mayMiss: true),
        ] + (try crowd(registry, larder, own[5]))
    }

    private func crowd(
        _ registry: SamplePackages, _ larder: Contender, _ target: String
    ) throws -> [Figure] {
        let path = target.split(separator: "/").last ?? ""
        let load = try Load(
            port: larder.port,
            requests: Array(repeating: larder.request(target), count: Self.clientCount),
            connections: Self.clientCount)
        var memory = 0
        var next: UInt64 = 0
        let result = try load.runOnce {
            guard SystemClock.monotonicNanoseconds > next else { return }
            next = SystemClock.monotonicNanoseconds + 50_000_000
            memory = max(memory, larder.server?.use.anonymousByteCount ?? 0)
        }
        let asked = registry.origin.ledger.requests.count { $0.path.hasSuffix(path) }
        return [
            Figure("200 clients on a cold file of 16 MB", result.seconds * 1e3, "ms"),
            Figure("the same: to all clients", result.megabytesPerSecond, "MB/s"),
            Figure("the same: requests to the upstream", Double(asked), "", goal: .exactly(1)),
            Figure("the same: anonymous memory", Double(memory) / 1_048_576, "MiB"),
        ]
    }

    /// On a connection of its own, as a client has none before; which is not counted.
    private static func fetch(_ target: String, from contender: Contender) throws -> Times {
        let socket = try LoopbackSocket.connected(to: UInt16(contender.port))
        let start = SystemClock.monotonicNanoseconds
        guard socket.write(contender.request(target)) else {
            throw BenchmarkFault(description: "\(contender.name) takes no request")
        }
        var reader = AnswerReader()
        var first: UInt64?
        while !reader.isWhole {
            let bytes = socket.read(atMost: 1 << 18)
            guard !bytes.isEmpty else {
                throw BenchmarkFault(description: "\(contender.name) breaks off")
            }
            try reader.read(bytes.span)
            if first == nil, reader.bodyByteCount > 0 { first = SystemClock.monotonicNanoseconds }
        }
        guard let first, reader.status == 200, reader.bodyByteCount == byteCount else {
            throw BenchmarkFault(description: "\(contender.name) answers \(reader.status)")
        }
        let end = SystemClock.monotonicNanoseconds
        return Times(first: Double(first - start) / 1e9, last: Double(end - start) / 1e9)
    }
}
