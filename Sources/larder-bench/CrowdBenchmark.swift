import Ecosystems
import Foundation
import Linux
import Support

/// A hundred clients ask for one page that nobody has asked for yet.
///
/// The origin answers only when all of them have sent their request.
struct CrowdBenchmark: Benchmark {
    let name = "crowd"
    let server: any ServerUnderTest
    static let clientCount = 100

    func run() throws -> [Figure] {
        let origin = try OriginStub()
        let gate = Gate()
        let page = try SampleIndex.jsonPage()
        let text = String(decoding: page.bytes, as: UTF8.self)
            .replacing("https://files.example/packages/", with: "\(origin.base)/packages/")
        origin.route(
            "/simple/numpy/",
            OriginAnswer.text(text, type: SampleIndex.jsonType).with(\.gate, gate))
        let running = try server.start(index: origin.base + "/simple/")
        let before = try running.counter("larder_renderings_total")
        let start = SystemClock.monotonicNanoseconds
        let sizes = try crowd(on: running) { gate.open() }
        let seconds = Double(SystemClock.monotonicNanoseconds - start) / 1e9
        var figures = [
            Figure(
                "clients with one and the same page", Double(sizes), "clients",
                goal: .exactly(Double(Self.clientCount))),
            Figure(
                "requests to the upstream", Double(origin.ledger.count("/simple/numpy/")),
                "requests", goal: .exactly(1)),
        ]
        if let before, let after = try running.counter("larder_renderings_total") {
            figures.append(
                Figure("renderings", Double(after - before), "renderings", goal: .exactly(1)))
        }
        figures.append(Figure("from the first request to the last byte", seconds * 1e3, "ms"))
        return figures
    }

    /// Sends all requests, calls `sent`, and counts the answers that are as the first one.
    private func crowd(on running: any RunningServer, sent: () -> Void) throws -> Int {
        let target = running.root + "simple/numpy/"
        let clients = try (0..<Self.clientCount).map { _ in try HTTPFetch(port: running.port) }
        for client in clients { try client.send(target, accept: SampleIndex.jsonType) }
        sent()
        let first = try clients[0].answer(keepingBody: true)
        guard first.status == 200 else {
            throw BenchmarkFault(description: "the page was answered with \(first.status)")
        }
        var same = 1
        for client in clients.dropFirst() {
            let answer = try client.answer(keepingBody: true)
            if answer.status == 200, answer.body == first.body { same += 1 }
        }
        return same
    }
}
