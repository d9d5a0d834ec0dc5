import Backends
import CacheRules
import Engine
import Foundation
import HTTPModel
import HTTPServer
import Linux
import Upstream

/// Larder's engine before any web server, for the conformance suite; see docs/conformance.md.
///
/// The mounts are `/m0/`, `/m1/` and so on, all of the same upstream: each has a breaker of its own,
/// so that a test whose upstream fails says nothing of the others. It stores in memory, says where it
/// listens, and ends with its standard input.
@main
enum RawServer {
    private static let usage = "usage: raw-server UPSTREAM MOUNTS"

    static func main() async {
        let words = CommandLine.arguments.dropFirst()
        guard words.count == 2, let upstream = words.first.flatMap({ AbsoluteURL($0) }),
            let count = words.last.flatMap({ Int($0) }), (1...10_000).contains(count)
        else { return end(usage, status: 2) }
        Signal.brokenPipe.ignore()
        do {
            try await serve(upstream, mountCount: count)
        } catch {
            end("raw-server: \(error)", status: 1)
        }
    }

    private static func serve(_ upstream: AbsoluteURL, mountCount: Int) async throws {
        var settings = ClientSettings(version: "raw", certificateFile: nil)
        settings.proxy = .none
        let client = try CurlClient(settings)
        let mounts = (0..<mountCount).map { number in
            let name = "m\(number)"
            return Mount(
                path: [name], adapter: RawAdapter(mount: name, upstream: upstream),
                policy: UpstreamPolicy(home: upstream.origin),
                freshness: FreshnessRule(ceilingSeconds: 0))
        }
        var rules = EngineRules()
        // A machine that is busy with other tests is no outage.
        rules.validationBudget = 5_000_000_000
        let engine = PullThroughEngine(
            mounts: mounts, rules: rules,
            stores: EngineStores(blobs: MemoryBlobs(), metadata: MemoryMetadata()),
            outside: EngineOutside(upstream: client, time: RealTime(), observer: NoObserver()))
        guard let address = SocketAddress("127.0.0.1:0") else { return }
        let server = try HTTPServer(address, responder: engine)
        try server.start()
        try FileHandle.standardOutput.write(
            contentsOf: Foundation.Data("http://\(server.address)\n".utf8))
        Thread.detachNewThread {
            _ = try? FileHandle.standardInput.readToEnd()
            engine.close()
        }
        await engine.run()
        await server.stop(within: .zero)
        client.close()
    }

    private static func end(_ sentence: String, status: Int32) {
        FileHandle.standardError.write(Foundation.Data("\(sentence)\n".utf8))
        exit(status)
    }
}

private struct NoObserver: EngineObserver {
    func requestFinished(_ head: RequestHead, _ outcome: RequestOutcome) {}
    func upstreamAnswered(_ upstream: String, status: Int?, nanoseconds: UInt64) {}
    func upstreamDelivered(_ upstream: String, byteCount: Int) {}
    func upstreamChanged(_ upstream: String, isUp: Bool) {}
    func outageEnded(_ outage: Outage) {}
    func drillChanged(_ upstream: String, isCut: Bool) {}
    func requestCollapsed() {}
    func renderingStored() {}
    func integrityFailed(_ upstream: String, reason: String) {}
    func documentRefused(_ upstream: String, fault: String) {}
    func documentHeldBack(_ upstream: String, path: String, _ regression: Regression) {}
    func documentsAreHeldBack(_ count: Int) {}
    func documentNoted(_ upstream: String, note: String, _ count: Int) {}
    func storeHolds(responseCount: Int, byteCount: Int) {}
    func evicted(byteCount: Int) {}
    func storeFailed(_ error: StoreError) {}
}

/// The real clocks.
private struct RealTime: TimeSource {
    var now: Int64 { Int64(SystemClock.unixSeconds) }
    var uptimeNanoseconds: UInt64 { SystemClock.monotonicNanoseconds }

    func sleep(for duration: Duration) async {
        try? await Task.sleep(for: duration)
    }
}
