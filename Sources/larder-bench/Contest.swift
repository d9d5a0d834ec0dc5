/// Servers under the same load in turns, so that the machine's moods hit all of them.
struct Contest {
    struct Side {
        let name: String
        let server: PeerServer?
        let load: Load
    }

    struct Sample {
        let result: Load.Result
        let processorSeconds: Double
    }

    /// What counts of a round.
    enum Measure {
        case requests, megabytes

        func value(_ result: Load.Result) -> Double {
            switch self {
            case .requests: result.perSecond
            case .megabytes: result.megabytesPerSecond
            }
        }

        var unit: String {
            switch self {
            case .requests: "requests/s"
            case .megabytes: "MB/s"
            }
        }
    }

    let title: String
    let measure: Measure
    let own: Side
    let peers: [Side]
    var rounds = 7
    var seconds = 0.8

    /// The throughput of each, what it costs, and how much faster the own one is than the best peer.
    func figures(goal: Double, mayMiss: Bool = false) throws -> [Figure] {
        let sides = [own] + peers
        // Not counted: it fills the caches.
        for side in sides { _ = try side.load.run(seconds: 0.2) }
        var samples = [[Sample]](repeating: [], count: sides.count)
        for round in 0..<rounds {
            // Whoever is first is another one each time.
            for step in sides.indices {
                let index = (round + step) % sides.count
                samples[index].append(try Self.sample(sides[index], seconds))
            }
        }
        let values = samples.map { $0.map { measure.value($0.result) } }
        var best = 1
        for index in 1..<sides.count where Self.middle(values[index]) > Self.middle(values[best]) {
            best = index
        }
        let ratios = zip(values[0], values[best]).map { $0 / $1 }
        var figures: [Figure] = []
        for (index, side) in sides.enumerated() {
            figures.append(
                Figure("\(title): \(side.name)", Self.middle(values[index]), measure.unit))
            figures.append(
                Figure("\(title): CPU of \(side.name)", cost(samples[index]), costUnit))
        }
        figures.append(
            Figure(
                "\(title): larder by \(sides[best].name)", Self.middle(ratios), "times",
                goal: .atLeast(goal), mayMiss: mayMiss))
        return figures
    }

    private static func sample(_ side: Side, _ seconds: Double) throws -> Sample {
        let before = side.server?.use.processorSeconds ?? 0
        let result = try side.load.run(seconds: seconds)
        let after = side.server?.use.processorSeconds ?? 0
        return Sample(result: result, processorSeconds: after - before)
    }

    /// Processor time of the server, by what it did with it.
    private func cost(_ samples: [Sample]) -> Double {
        let used = samples.reduce(0) { $0 + $1.processorSeconds }
        switch measure {
        case .requests:
            return used * 1e6 / Double(samples.reduce(0) { $0 + $1.result.requestCount })
        case .megabytes:
            return used * 1e9 / Double(samples.reduce(0) { $0 + $1.result.bodyByteCount })
        }
    }

    private var costUnit: String { measure.unit == "MB/s" ? "s/GB" : "µs/request" }

    static func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
