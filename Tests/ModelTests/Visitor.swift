import Engine
import HTTPModel
import Linux
import Synchronization

/// One client: asks as a server would for it, follows what arrives, and may leave.
final class Visitor {
    /// Says that there is news; rung from wherever a fill goes on.
    private final class Bell: Sendable {
        let hasRung = Atomic<Bool>(false)

        func ring() { hasRung.store(true, ordering: .relaxed) }
    }

    private enum State {
        case pending(Pending)
        case following(Fill, FillReader, offset: Int, end: Int?)
        case done
    }

    let number: Int
    let name: String
    let isFile: Bool
    let request: RequestHead
    let expectation: Expectation
    /// What was answered, once it is known.
    private(set) var status = 0
    private(set) var fields = ""
    private(set) var isBroken = false
    private var body: [UInt8] = []
    private var hasBody = false
    private var state = State.done
    private var bell = Bell()

    init(
        _ number: Int, _ name: String, isFile: Bool, _ request: RequestHead,
        _ expectation: Expectation
    ) {
        self.number = number
        self.name = name
        self.isFile = isFile
        self.request = request
        self.expectation = expectation
    }

    var isDone: Bool { if case .done = state { true } else { false } }

    /// When it stops waiting for a validation.
    var deadline: UInt64? {
        if case .pending(let pending) = state { pending.deadline } else { nil }
    }

    func canGoOn(at now: UInt64) -> Bool {
        if isDone { return false }
        return bell.hasRung.load(ordering: .relaxed) || deadline.map { $0 <= now } ?? false
    }

    /// Whether there is news of which it was not told.
    var isForgotten: Bool {
        guard !bell.hasRung.load(ordering: .relaxed) else { return false }
        switch state {
        case .done, .following: return false
        case .pending(let pending):
            if case .working = pending.fill.phase { return false }
            return true
        }
    }

    func begin(_ engine: PullThroughEngine) {
        take(engine.answer(request))
    }

    /// Does one thing: asks again, or reads a part of what has arrived.
    func goOn(_ engine: PullThroughEngine, limit: Int) {
        switch state {
        case .done: break
        case .pending(let pending):
            let isNews = bell.hasRung.load(ordering: .relaxed)
            take(engine.resume(pending, for: request, after: isNews ? .news : .deadline))
        case .following(let fill, let reader, let offset, let end):
            follow(fill, reader, offset, end, limit: limit)
        }
    }

    func leave() {
        if case .following(let fill, let reader, _, _) = state { fill.leave(reader) }
        state = .done
    }

    func outcome(at now: UInt64) -> Outcome {
        let range = field("Content-Range")
        return Outcome(
            name: name, isFile: isFile, status: status,
            body: hasBody && !isBroken ? body : nil, range: status == 206 ? range : nil,
            isBroken: isBroken, endedAt: now)
    }

    func field(_ name: String) -> String? {
        fields.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }
            .map { String($0.dropFirst(name.utf8.count + 2)) }
    }

    private func take(_ answer: Answer) {
        bell = Bell()
        switch answer {
        case .pending(let pending):
            state = .pending(pending)
            let bell = bell
            pending.fill.wake { bell.ring() }
        case .reply(let reply):
            state = .done
            status = reply.status
            fields = String(decoding: reply.fields, as: UTF8.self)
            if request.method != .head { take(reply.body) }
        }
    }

    private func take(_ content: ReplyBody) {
        switch content {
        case .none, .head: break
        case .bytes(let bytes):
            hasBody = true
            body = bytes
        case .file(let file, let range, _):
            hasBody = true
            if let bytes = try? file.read(at: range.lowerBound, count: range.count) {
                body = bytes
            } else {
                isBroken = true
            }
            if body.count != range.count { isBroken = true }
        case .fill(let fill, let start, let end, _):
            hasBody = true
            state = .following(fill, FillReader(end: end), offset: start, end: end)
            bell.ring()
        }
    }

    private func follow(
        _ fill: Fill, _ reader: FillReader, _ offset: Int, _ end: Int?, limit: Int
    ) {
        bell = Bell()
        let bell = bell
        switch fill.next(at: offset, limit: limit, reader: reader, orWake: { bell.ring() }) {
        case .file(let file, let range):
            let range = range.clamped(to: 0..<(end ?? Int.max))
            guard let bytes = try? file.read(at: range.lowerBound, count: range.count) else {
                return breakOff(fill, reader)
            }
            advance(fill, reader, offset, end, bytes)
        case .bytes(let bytes):
            advance(fill, reader, offset, end, Array(bytes.prefix((end ?? Int.max) - offset)))
        case .end:
            fill.leave(reader)
            state = .done
            // A server could not end this body in good order.
            if let end, offset < end { isBroken = true }
        case .failed: breakOff(fill, reader)
        case .wait: break
        }
    }

    private func advance(
        _ fill: Fill, _ reader: FillReader, _ offset: Int, _ end: Int?, _ bytes: [UInt8]
    ) {
        body += bytes
        let next = offset + bytes.count
        if let end, next >= end {
            // All that was declared is out: for the client this is a whole answer.
            fill.leave(reader)
            state = .done
        } else {
            state = .following(fill, reader, offset: next, end: end)
            bell.ring()
        }
    }

    private func breakOff(_ fill: Fill, _ reader: FillReader) {
        isBroken = true
        fill.leave(reader)
        state = .done
    }
}
