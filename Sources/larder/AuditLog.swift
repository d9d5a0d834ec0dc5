import Digests
import Dispatch
import Engine
import HTTPModel
import Linux
import Policy
import Synchronization

extension RequestOutcome {
    /// What came of a refusal of the policy, which may only watch.
    var refusalLabel: String { status == 403 ? "refused" : "would-refuse" }
}

/// Who got which file, and who was refused: lines of JSON in a file of their own.
///
/// Written from a thread of its own. Lines are lost when 16 MiB of them wait, and when the file cannot
/// be written; they are counted, and the count is written as a line when there is room again.
final class AuditLog: Sendable {
    private static let byteLimit = 16 << 20

    private struct State {
        var waiting: [UInt8] = []
        var lineCount = 0
        var isScheduled = false
        /// Lines that were lost, and of which the file says nothing yet.
        var droppedCount = 0
        /// Whether the last lines could not be written.
        var isFailing = false
    }

    private enum Output: Sendable {
        case standard
        case file(AppendedFile)
    }

    private let path: String
    private let state = Mutex(State())
    private let output: Mutex<Output>
    private let queue = DispatchQueue(label: "larder.audit")

    private let log: LogWriter
    private let lost = Atomic<Int>(0)

    private init(_ path: String, _ output: Output, _ log: LogWriter) {
        self.path = path
        self.log = log
        self.output = Mutex(output)
    }

    /// Lines that are in no file.
    var lostCount: Int { lost.load(ordering: .relaxed) }

    /// The other log is told when this one cannot be written.
    static func open(_ path: String, telling log: LogWriter) throws(StartFailure) -> AuditLog {
        guard let output = output(path) else {
            throw StartFailure("audit.file: \(path) cannot be written")
        }
        return AuditLog(path, output, log)
    }

    /// What people fetch is nobody else's business: a new file is not for everybody.
    private static func output(_ path: String) -> Output? {
        if path == "-" { return .standard }
        return (try? AppendedFile(at: path)).map { .file($0) }
    }

    /// Opens the file anew, after somebody moved it away.
    func reopen() {
        queue.async {
            guard let fresh = Self.output(self.path) else { return }
            self.output.withLock { $0 = fresh }
        }
    }

    /// Notes an answer with a file, and any refusal of the policy.
    func note(_ head: RequestHead, _ outcome: RequestOutcome) {
        let record = outcome.record
        let isFile = record.kind == "artifact" && head.method == .get && outcome.status < 300
        guard isFile || record.policy != nil else { return }
        var line = LogLine(.info, record.policy == nil ? "served" : "policy", isText: false)
        line.add("client", (head.client ?? head.peer)?.description ?? "")
        line.add("token", record.client ?? "")
        line.add("ecosystem", record.ecosystem)
        line.add("upstream", record.upstream)
        line.add("resource", record.resource)
        line.add("status", outcome.status)
        line.add("bytes", outcome.bodyBytes)
        line.add("complete", outcome.isComplete ? "true" : "false")
        line.add("sha256", record.body?.hex ?? "")
        if let refusal = record.policy {
            line.add("verdict", outcome.refusalLabel)
            line.add("rule", refusal.rule.rawValue)
            line.add("reason", refusal.reason)
        } else {
            line.add("verdict", "allowed")
        }
        write(line.bytes)
    }

    private func write(_ line: [UInt8]) {
        let isNew = state.withLock { state in
            guard state.waiting.count < Self.byteLimit else {
                lose(1, &state)
                return false
            }
            state.waiting.append(contentsOf: line)
            state.waiting.append(0x0A)
            state.lineCount += 1
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNew { queue.async { self.drain() } }
    }

    private func lose(_ count: Int, _ state: inout State) {
        state.droppedCount += count
        lost.add(count, ordering: .relaxed)
    }

    /// Waits until everything so far is written.
    func flush() { queue.sync { self.drain() } }

    private func drain() {
        let batch = state.withLock { state in
            defer {
                state.waiting = []
                state.lineCount = 0
                state.isScheduled = false
                state.droppedCount = 0
            }
            return state
        }
        guard !batch.waiting.isEmpty || batch.droppedCount > 0 else { return }
        var bytes = batch.waiting
        if batch.droppedCount > 0 {
            var line = LogLine(.warning, "dropped", isText: false)
            line.add("lines", batch.droppedCount)
            bytes += line.bytes + [0x0A]
        }
        // What failed may have left half a line.
        if batch.isFailing { bytes.insert(0x0A, at: 0) }
        let failure = write(all: bytes)
        let isNews = state.withLock { state in
            defer { state.isFailing = failure != nil }
            guard failure != nil else { return false }
            lose(batch.lineCount, &state)
            // Told in the file as well, once that goes; they are counted already.
            state.droppedCount += batch.droppedCount
            return !state.isFailing
        }
        guard isNews, let failure else { return }
        var line = LogLine(.error, "audit-failure", isText: log.isText)
        line.add("error", failure.description)
        line.add(
            "hint", "lines are lost until \(path) can be written; larder_lost_audit_lines counts")
        log.write(line)
    }

    /// What went wrong, if something did.
    private func write(all bytes: [UInt8]) -> Errno? {
        do throws(Errno) {
            switch output.withLock({ $0 }) {
            case .standard: try StandardStream.output.write(bytes)
            case .file(let file): try file.append(bytes)
            }
            return nil
        } catch {
            return error
        }
    }
}
