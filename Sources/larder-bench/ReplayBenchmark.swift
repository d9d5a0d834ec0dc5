import Support

/// An install of 78 wheels, replayed: their pages and then the files, over 16 connections.
struct ReplayBenchmark: Benchmark {
    let name: String
    let programs: PeerPrograms
    let isCold: Bool

    static let connectionCount = 16
    private static let warmRounds = 7
    private static let coldRounds = 5

    /// 140 MB in all, as an install of scientific packages has them: a few large files, many small.
    static let projects = (0..<78).map { number in
        let share = Double((number * 37) % 78) / 78
        let size = share < 0.6 ? 20_000 + share * 500_000 : (share - 0.58) * (share - 0.58) * 83e6
        let page = 80_000 + (number % 13 == 0 ? 920_000 : (number * 29) % 78 * 2_500)
        return SamplePackages.Project(
            name: "wheel\(number)", files: [Int(size)], pageByteCount: page)
    }

    func run() throws -> [Figure] {
        let registry = try SamplePackages(Self.projects)
        return isCold ? try cold(registry) : try warm(registry)
    }

    // MARK: Warm

    private func warm(_ registry: SamplePackages) throws -> [Figure] {
        let own = try programs.startLarder(registry)
        let nginx = try programs.startNginx(registry)
        let peers = [
            nginx.sendfile, nginx.copying, try programs.startDevpi(registry),
            try programs.startProxpi(registry),
        ]
        let sides = [own] + peers
        var times = [[Double]](repeating: [], count: sides.count)
        let loads = try sides.map { try load($0) }
        for load in loads { _ = try load.runOnce() }
        for _ in 0..<Self.warmRounds {
            for index in sides.indices {
                // The Python peers take seconds; their figures need no more of them.
                guard index < 3 || times[index].count < 2 else { continue }
                times[index].append(try loads[index].runOnce().seconds)
            }
        }
        let nginxBest = Contest.middle(times[1]) < Contest.middle(times[2]) ? 1 : 2
        let ratios = zip(times[0], times[nginxBest]).map { $1 / $0 }
        let python = min(Contest.middle(times[3]), Contest.middle(times[4]))
        return zip(sides, times).map { side, times in
            Figure("warm replay: \(side.name)", Contest.middle(times), "s")
        } + [
            Figure(
                "warm replay: larder by \(sides[nginxBest].name)", Contest.middle(ratios),
                "times", goal: .atLeast(1), mayMiss: true),
            Figure(
                "warm replay: larder by the best peer in Python",
                python / Contest.middle(times[0]), "times", goal: .atLeast(3), mayMiss: true),
        ]
    }

    private func load(_ contender: Contender) throws -> Load {
        let targets = try Self.targets(contender)
        for target in targets { _ = try contender.get(target) }
        return try Load(
            port: contender.port, requests: targets.map { contender.request($0) },
            connections: Self.connectionCount)
    }

    private static func targets(_ contender: Contender) throws -> [String] {
        try projects.map(contender.page) + projects.flatMap { try contender.files($0) }
    }

    // MARK: Cold

    private func cold(_ registry: SamplePackages) throws -> [Figure] {
        let direct = Contender(direct: registry)
        let directTargets = try Self.targets(direct)
        let targets = try Self.targets(programs.startLarder(registry))
        registry.origin.line = .gigabit
        var times: (own: [Double], direct: [Double]) = ([], [])
        for _ in 0..<Self.coldRounds {
            times.direct.append(try once(direct, directTargets))
            times.own.append(try once(programs.startLarder(registry), targets))
        }
        let ratios = zip(times.own, times.direct).map { $1 / $0 }
        return [
            Figure("cold replay: larder", Contest.middle(times.own), "s"),
            Figure("cold replay: direct", Contest.middle(times.direct), "s"),
            Figure(
                "cold replay: larder by direct", Contest.middle(ratios), "times",
                goal: .atLeast(0.9), mayMiss: true),
        ]
    }

    private func once(_ contender: Contender, _ targets: [String]) throws -> Double {
        let load = try Load(
            port: contender.port, requests: targets.map { contender.request($0) },
            connections: Self.connectionCount)
        // Without a reference its server ends.
        return try withExtendedLifetime(contender) { try load.runOnce().seconds }
    }
}

extension SharedLine {
    /// 1 Gbit/s, and 10 ms before each answer.
    static var gigabit: SharedLine { SharedLine(bytesPerSecond: 125e6, delay: 0.010) }
}
