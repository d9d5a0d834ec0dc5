import Backends
import CacheRules
import Engine
import Linux
import Resources
import Synchronization

/// What was served and fetched since it was last written, counted on the threads that do so.
final class TrafficMeter: Sendable {
    /// How often what was counted is written.
    private static let interval = Duration.seconds(60)

    private let requests = Atomic<Int>(0)
    private let hits = Atomic<Int>(0)
    private let servedBytes = Atomic<Int>(0)
    private let upstreamRequests = Atomic<Int>(0)
    private let upstreamBytes = Atomic<Int>(0)
    private let outageRequests = Atomic<Int>(0)

    func count(_ outcome: RequestOutcome) {
        let record = outcome.record
        guard let status = record.cacheStatus, outcome.status < 400 else { return }
        requests.add(1, ordering: .relaxed)
        servedBytes.add(outcome.bodyBytes, ordering: .relaxed)
        if status.label == "hit" { hits.add(1, ordering: .relaxed) }
        if record.isDuringOutage { outageRequests.add(1, ordering: .relaxed) }
    }

    func countUpstreamRequest() { upstreamRequests.add(1, ordering: .relaxed) }
    func countUpstream(byteCount: Int) { upstreamBytes.add(byteCount, ordering: .relaxed) }

    /// What is not written yet.
    var pending: Traffic {
        var traffic = Traffic()
        traffic.requestCount = requests.load(ordering: .relaxed)
        traffic.hitCount = hits.load(ordering: .relaxed)
        traffic.servedBytes = servedBytes.load(ordering: .relaxed)
        traffic.upstreamRequestCount = upstreamRequests.load(ordering: .relaxed)
        traffic.upstreamBytes = upstreamBytes.load(ordering: .relaxed)
        traffic.outageRequestCount = outageRequests.load(ordering: .relaxed)
        return traffic
    }

    /// Writes once a minute until the task is cancelled, and then what is left.
    func run(into catalogue: any Catalogue) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            await write(into: catalogue)
        }
    }

    private func write(into catalogue: any Catalogue) async {
        let traffic = pending
        guard traffic != Traffic() else { return }
        do throws(StoreError) {
            try await catalogue.add(traffic, toHour: Int64(SystemClock.unixSeconds) / 3_600)
        } catch {
            // It is counted still, and goes with the next minute's.
            return
        }
        requests.subtract(traffic.requestCount, ordering: .relaxed)
        hits.subtract(traffic.hitCount, ordering: .relaxed)
        servedBytes.subtract(traffic.servedBytes, ordering: .relaxed)
        upstreamRequests.subtract(traffic.upstreamRequestCount, ordering: .relaxed)
        upstreamBytes.subtract(traffic.upstreamBytes, ordering: .relaxed)
        outageRequests.subtract(traffic.outageRequestCount, ordering: .relaxed)
    }
}
