import Foundation
import Linux
import Support
import Synchronization

/// A warm index of 25 MB from a running server, beside nginx with the same bytes as a file.
///
/// Four clients fetch it at once, each over a connection that it keeps.
struct HelmServingBenchmark: Benchmark {
    let name = "helm-serving"
    let server: any ServerUnderTest
    /// The path of nginx's executable.
    let nginx: String
    private static let clientCount = 4
    private static let rounds = 41

    func run() throws -> [Figure] {
        let origin = try OriginStub()
        origin.route(
            "/charts/index.yaml",
            .bytes(try HelmIndexBenchmark.index(), type: "text/yaml"))
        let running = try server.start(charts: origin.base + "/charts/")
        let target = running.root + "index.yaml"
        let idle = try running.peakMemory()
        let client = try HTTPFetch(port: running.port)
        let start = SystemClock.monotonicNanoseconds
        let index = try client.get(target, keepingBody: true)
        let seconds = Double(SystemClock.monotonicNanoseconds - start) / 1e9
        let peak = try running.peakMemory()
        let peer = try NginxServer.start(nginx, serving: index.body)
        let times = try alternate(
            (try clients(of: running.port), target), (try clients(of: peer.port), "/index.yaml"))
        let megabytes = Double(index.byteCount * Self.clientCount) / 1e6
        let ratios = zip(times.nginx, times.own).map { $0 / $1 }.sorted()
        return [
            Figure("first answer of the index", seconds * 1e3, "ms"),
            Figure("peak memory with that index", Double(peak) / 1e6, "MB"),
            Figure("peak memory before", Double(idle) / 1e6, "MB"),
            Figure("index, warm", megabytes / Self.middle(times.own), "MB/s"),
            Figure("nginx with the same bytes", megabytes / Self.middle(times.nginx), "MB/s"),
            Figure("index by nginx", Self.middle(ratios), "times", goal: .atLeast(0.9)),
        ]
    }

    private func clients(of port: Int) throws -> [HTTPFetch] {
        try (0..<Self.clientCount).map { _ in try HTTPFetch(port: port) }
    }

    /// The seconds of each round of either, in turns so that the machine's moods hit both.
    private func alternate(
        _ own: (clients: [HTTPFetch], target: String),
        _ peer: (clients: [HTTPFetch], target: String)
    ) throws -> (own: [Double], nginx: [Double]) {
        try fetch(own.target, by: own.clients)
        try fetch(peer.target, by: peer.clients)
        var times: (own: [Double], nginx: [Double]) = ([], [])
        for round in 0..<Self.rounds {
            let isFirst = round.isMultiple(of: 2)
            if isFirst {
                times.own.append(try Stopwatch.once { try fetch(own.target, by: own.clients) })
            }
            times.nginx.append(try Stopwatch.once { try fetch(peer.target, by: peer.clients) })
            if !isFirst {
                times.own.append(try Stopwatch.once { try fetch(own.target, by: own.clients) })
            }
        }
        return times
    }

    /// Lets every client fetch it once, all at the same time.
    private func fetch(_ target: String, by clients: [HTTPFetch]) throws {
        let faults = Mutex<[String]>([])
        let ended = DispatchGroup()
        for client in clients {
            ended.enter()
            Thread.detachNewThread {
                defer { ended.leave() }
                do {
                    _ = try client.get(target)
                } catch {
                    faults.withLock { $0.append("\(error)") }
                }
            }
        }
        ended.wait()
        if let fault = faults.withLock(\.first) { throw BenchmarkFault(description: fault) }
    }

    private static func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
