import Admission
import Backends
import CacheRules
import Engine
import HTTPModel
import Linux
import Metrics
import Policy
import Synchronization

/// Turns what the engine tells into metrics and log lines.
final class Observer: EngineObserver {
    let registry = MetricRegistry()
    let log: LogWriter
    let meter = TrafficMeter()
    /// Nil where nobody wants to know who got what.
    let audit: AuditLog?
    private let policyRefusals: Family<Counter>
    private let malwareRecords: Gauge
    private let requests: Family<Counter>
    private let responseBytes: Family<Counter>
    private let requestSeconds: Histogram
    private let upstreamRequests: Family<Counter>
    private let upstreamBytes: Counter
    private let upstreamSeconds: Histogram
    private let upstreamUp: Family<Gauge>
    private let drill: Family<Gauge>
    private let collapsed: Counter
    private let renderings: Counter
    private let stale: Family<Counter>
    private let duringOutage: Family<Counter>
    private let integrityFailures: Family<Counter>
    private let authenticationFailures: Family<Counter>
    private let databaseUp: Gauge
    private let storeBytes: Gauge
    private let storeBlobs: Gauge
    private let evictedBytes: Counter
    private let storeFailures: Family<Counter>
    private let documentsRefused: Family<Counter>
    private let documentNotes: Family<Counter>
    private let documentsHeldBack: Family<Counter>
    private let heldBackNow: Gauge
    private let lastFailure = Mutex<(text: String, at: UInt64)?>(nil)

    init(log: LogWriter, audit: AuditLog? = nil) {
        self.log = log
        self.audit = audit
        policyRefusals = registry.counters(.policyRefusals)
        malwareRecords = registry.gauges(.malwareRecords).with()
        requests = registry.counters(.requests)
        responseBytes = registry.counters(.responseBytes)
        requestSeconds = registry.histograms(.requestSeconds).with()
        upstreamRequests = registry.counters(.upstreamRequests)
        upstreamBytes = registry.counters(.upstreamBytes).with()
        upstreamSeconds = registry.histograms(.upstreamSeconds).with()
        upstreamUp = registry.gauges(.upstreamUp)
        drill = registry.gauges(.drill)
        collapsed = registry.counters(.collapsedRequests).with()
        renderings = registry.counters(.renderings).with()
        stale = registry.counters(.staleResponses)
        duringOutage = registry.counters(.servedDuringOutage)
        integrityFailures = registry.counters(.integrityFailures)
        authenticationFailures = registry.counters(.authenticationFailures)
        databaseUp = registry.gauges(.databaseUp).with()
        storeBytes = registry.gauges(.storeBytes).with()
        storeBlobs = registry.gauges(.storeBlobs).with()
        evictedBytes = registry.counters(.evictedBytes).with()
        storeFailures = registry.counters(.storeFailures)
        documentsRefused = registry.counters(.documentsRefused)
        documentNotes = registry.counters(.documentNotes)
        documentsHeldBack = registry.counters(.documentsHeldBack)
        heldBackNow = registry.gauges(.heldBackNow).with()
    }

    /// Shows fills under way and the process's figures in every scrape.
    func watch(
        fills: @escaping @Sendable () -> Int, passing: @escaping @Sendable () -> Int
    ) {
        let inFlight = registry.gauges(.fillsInFlight).with()
        let passingNow = registry.gauges(.passingFills).with()
        let started = SystemClock.unixSeconds
        databaseUp.set(1)
        let dropped = registry.gauges(.droppedLogLines).with()
        let lost = registry.gauges(.lostAuditLines).with()
        registry.measure { [log, audit] in
            inFlight.set(fills())
            passingNow.set(passing())
            dropped.set(log.droppedCount)
            lost.set(audit?.lostCount ?? 0)
        }
        registry.collect { text in
            guard let figures = try? ProcessFigures.now() else { return }
            ProcessSample(
                processorTime: figures.processorTime, residentBytes: figures.residentByteCount,
                anonymousBytes: figures.anonymousByteCount,
                openDescriptors: figures.openDescriptorCount,
                descriptorLimit: (try? ProcessLimits.openFileLimit()) ?? 0, startSeconds: started
            ).render(into: &text)
        }
    }

    /// Shows an upstream as well before anything was asked of it.
    func expect(upstream: String) {
        upstreamUp.with(upstream).set(1)
        drill.with(upstream).set(0)
    }

    func requestFinished(_ head: RequestHead, _ outcome: RequestOutcome) {
        let record = outcome.record
        meter.count(outcome)
        let notes = record.notes?.value { makeNotes(outcome) } ?? makeNotes(outcome)
        let label = notes.label
        notes.requests.add()
        notes.responseBytes.add(outcome.bodyBytes)
        requestSeconds.observe(nanoseconds: Int64(clamping: outcome.nanoseconds))
        if let detail = record.cacheStatus?.detail, label == "stale" || label == "withdrawn" {
            stale.with(record.upstream, detail.rawValue).add()
        }
        audit?.note(head, outcome)
        if let refusal = record.policy {
            policyRefusals.with(
                record.ecosystem, refusal.rule.rawValue, outcome.refusalLabel
            ).add()
        }
        if record.isDuringOutage, outcome.status < 400 { duringOutage.with(record.upstream).add() }
        log.write(RequestLine(head, outcome, notes.parts))
    }

    /// What is the same for each answer of a kind: its series.
    private final class RequestNotes: Sendable {
        let label: String
        let requests: Counter
        let responseBytes: Counter
        let parts: RequestLine.Parts

        init(
            label: String, requests: Counter, responseBytes: Counter, parts: RequestLine.Parts
        ) {
            self.label = label
            self.requests = requests
            self.responseBytes = responseBytes
            self.parts = parts
        }
    }

    private func makeNotes(_ outcome: RequestOutcome) -> RequestNotes {
        let record = outcome.record
        let label = record.cacheStatus?.label ?? "none"
        return RequestNotes(
            label: label,
            requests: requests.with(record.ecosystem, record.kind, "\(outcome.status)", label),
            responseBytes: responseBytes.with(record.ecosystem, label),
            parts: RequestLine.Parts(record, isText: log.isText))
    }

    func upstreamAnswered(_ upstream: String, status: Int?, nanoseconds: UInt64) {
        upstreamRequests.with(upstream, status.map { "\($0)" } ?? "none").add()
        meter.countUpstreamRequest()
        upstreamSeconds.observe(.nanoseconds(Int64(clamping: nanoseconds)))
        var line = LogLine(.info, "upstream", isText: log.isText)
        line.add("upstream", upstream)
        line.add("status", status ?? 0)
        line.add("ms", nanoseconds: nanoseconds)
        log.write(line)
    }

    func upstreamDelivered(_ upstream: String, byteCount: Int) {
        upstreamBytes.add(byteCount)
        meter.countUpstream(byteCount: byteCount)
    }

    func upstreamChanged(_ upstream: String, isUp: Bool) {
        upstreamUp.with(upstream).set(isUp ? 1 : 0)
        if !isUp { warn("outage-began", ("upstream", upstream)) }
    }

    func outageEnded(_ outage: Outage) {
        let seconds = max((outage.endedAt ?? outage.beganAt) - outage.beganAt, 0)
        warn(
            "outage-ended", ("upstream", outage.upstream), ("seconds", "\(seconds)"),
            ("served", "\(outage.servedCount)"))
    }

    func drillChanged(_ upstream: String, isCut: Bool) {
        drill.with(upstream).set(isCut ? 1 : 0)
        warn(isCut ? "drill-began" : "drill-ended", ("upstream", upstream))
    }

    func requestCollapsed() {
        collapsed.add()
    }

    func renderingStored() {
        renderings.add()
    }

    func integrityFailed(_ upstream: String, reason: String) {
        integrityFailures.with(reason).add()
        warn("integrity-failure", ("upstream", upstream), ("reason", reason))
    }

    func documentRefused(_ upstream: String, fault: String) {
        documentsRefused.with(upstream).add()
        warn("document-refused", ("upstream", upstream), ("fault", fault))
    }

    func documentHeldBack(_ upstream: String, path: String, _ regression: Regression) {
        documentsHeldBack.with(upstream, regression.rawValue).add()
        // Nobody can accept what cannot be read.
        let hint =
            regression == .invalid
            ? "" : "the old one stays; `larder accept \(path)` takes the new one"
        warn(
            "document-held-back", ("upstream", upstream), ("document", path),
            ("reason", regression.rawValue), ("hint", hint))
    }

    func documentsAreHeldBack(_ count: Int) {
        heldBackNow.set(count)
    }

    func documentNoted(_ upstream: String, note: String, _ count: Int) {
        documentNotes.with(upstream, note).add(count)
        warn(
            "document-noted", ("upstream", upstream), ("note", note), ("count", "\(count)"))
    }

    func malwareListed(_ count: Int) {
        malwareRecords.set(count)
        note("malware-listed", ("records", "\(count)"))
    }

    func malwareRefused(_ fault: String) {
        storeFailures.with("failed").add()
        warn(
            "malware-refused", ("error", fault),
            ("hint", "larder policy import --replace FILE stores it anew"))
    }

    func storeHolds(responseCount: Int, byteCount: Int) {
        databaseIsUp(true)
        storeBlobs.set(responseCount)
        storeBytes.set(byteCount)
    }

    func evicted(byteCount: Int) {
        evictedBytes.add(byteCount)
    }

    func storeFailed(_ error: StoreError) {
        if case .database = error { databaseIsUp(false) }
        storeFailures.with(error == .full ? "full" : "failed").add()
        // A server that is away is told of for as long as it is, and no longer; being late passes.
        if !error.isOfAnotherMachine, error != .busy {
            lastFailure.withLock { $0 = (error.description, SystemClock.monotonicNanoseconds) }
        }
        let hint = error == .full ? "free space on the disk, or lower cache.max_size" : ""
        warn("store-failure", ("error", error.description), ("hint", hint))
    }

    /// Why the stores are not well, for a minute after they last failed.
    var degradation: String? {
        lastFailure.withLock { last in
            guard let last else { return nil }
            let seconds = (SystemClock.monotonicNanoseconds - last.at) / 1_000_000_000
            return seconds < 60 ? "\(last.text), \(seconds) s ago" : nil
        }
    }

    func authenticationFailed(_ fault: CredentialFault) {
        authenticationFailures.with(fault.rawValue).add()
    }

    func databaseIsUp(_ isUp: Bool) {
        databaseUp.set(isUp ? 1 : 0)
    }

    /// A line of the server's own life.
    func note(_ event: String, _ fields: (StaticString, String)...) {
        write(.info, event, fields)
    }

    func warn(_ event: String, _ fields: (StaticString, String)...) {
        write(.warning, event, fields)
    }

    private func write(_ level: LogLine.Level, _ event: String, _ fields: [(StaticString, String)])
    {
        var line = LogLine(level, event, isText: log.isText)
        for (name, value) in fields { line.add(name, value) }
        log.write(line)
    }
}
