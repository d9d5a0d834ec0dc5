/// How late the latest answers are when a server has half of what it can do to do.
///
/// Both get as many requests a second: half of what the slower one can do.
struct LatencyBenchmark: Benchmark {
    let name = "latency"
    let programs: PeerPrograms
    private static let rounds = 7
    private static let project = HitsBenchmark.project(20_000, 64)

    func run() throws -> [Figure] {
        let registry = try SamplePackages(HitsBenchmark.small + [Self.project])
        let sides = try [
            programs.startLarder(registry), programs.startNginx(registry).sendfile,
        ].map { Contest.Side(name: $0.name, server: $0.server, load: try load($0)) }
        let capacities = try sides.map { side in
            Contest.middle(
                try (0..<3).map { _ in try side.load.run(seconds: 0.5).perSecond })
        }
        let rate = min(capacities[0], capacities[1]) / 2
        var late = [[Double]](repeating: [], count: 2)
        var middle = late
        for round in 0..<Self.rounds {
            for index in [round % 2, 1 - round % 2] {
                let times = try sides[index].load.run(perSecond: rate, seconds: 1).latencies
                    .sorted()
                late[index].append(Double(times[times.count * 99 / 100]) / 1e6)
                middle[index].append(Double(times[times.count / 2]) / 1e6)
            }
        }
        let ratios = zip(late[0], late[1]).map { $1 / $0 }
        return [Figure("half of capacity", rate, "requests/s")]
            + [0, 1].flatMap { index in
                [
                    Figure("\(sides[index].name): median", Contest.middle(middle[index]), "ms"),
                    Figure("\(sides[index].name): p99", Contest.middle(late[index]), "ms"),
                ]
            } + [
                Figure(
                    "p99 of nginx by that of larder", Contest.middle(ratios), "times",
                    goal: .atLeast(1), mayMiss: true)
            ]
    }

    private func load(_ contender: Contender) throws -> Load {
        let targets = HitsBenchmark.small.map(contender.page) + (try contender.files(Self.project))
        for target in targets { _ = try contender.get(target) }
        return try Load(
            port: contender.port, requests: targets.map { contender.request($0) },
            connections: 64)
    }
}
