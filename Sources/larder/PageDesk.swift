import Engine
import Linux
import Pages
import Synchronization

/// Answers requests for pages: from memory, where one was made in the last second, else by a lane
/// of its own that makes one after the other.
///
/// So nobody can load the database through pages, and no request for a package waits for one.
final class PageDesk: Sendable {
    struct Question: Sendable, Hashable {
        let place: OwnPaths.Place
        let base: String?
    }

    private struct State {
        var kept: [Question: (page: Page, madeAt: UInt64)] = [:]
        var underway: [Question: Fill] = [:]
    }

    /// In nanoseconds.
    private static let freshTime: UInt64 = 1_000_000_000
    private static let patience: UInt64 = 10_000_000_000
    private static let keptLimit = 64
    private static let waitingLimit = 32

    private let state = Mutex(State())
    private let questions: AsyncStream<(Question, Fill)>
    private let ask: AsyncStream<(Question, Fill)>.Continuation
    private let make: @Sendable (Question) async -> Page

    init(make: @escaping @Sendable (Question) async -> Page) {
        self.make = make
        // Never more than `waitingLimit` are under way.
        (questions, ask) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Makes pages until the task is cancelled.
    func run() async {
        for await (question, fill) in questions {
            let page = await make(question)
            let now = SystemClock.monotonicNanoseconds
            state.withLock { state in
                state.underway[question] = nil
                if state.kept.count >= Self.keptLimit,
                    let oldest = state.kept.min(by: { $0.value.madeAt < $1.value.madeAt })
                {
                    state.kept[oldest.key] = nil
                }
                state.kept[question] = (page, now)
            }
            fill.settle()
        }
    }

    func answer(_ question: Question) -> Answer {
        enum Decision {
            case page(Page)
            case wait(Fill, isNew: Bool)
            case full
        }
        let now = SystemClock.monotonicNanoseconds
        let decision: Decision = state.withLock { state in
            if let kept = state.kept[question], now &- kept.madeAt < Self.freshTime {
                return .page(kept.page)
            }
            if let fill = state.underway[question] { return .wait(fill, isNew: false) }
            guard state.underway.count < Self.waitingLimit else { return .full }
            let fill = Fill()
            state.underway[question] = fill
            return .wait(fill, isNew: true)
        }
        switch decision {
        case .page(let page): return .reply(Self.reply(page))
        case .full: return .reply(Self.busy)
        case .wait(let fill, let isNew):
            if isNew { ask.yield((question, fill)) }
            return .pending(Pending(fill: fill, deadline: now + Self.patience))
        }
    }

    /// Answers who has waited.
    func resume(
        _ pending: Pending, for question: Question, after reason: ResumeReason
    ) -> Answer {
        switch pending.fill.phase {
        case .working where reason == .news: return .pending(pending)
        case .working: return .reply(Self.busy)
        default:
            let kept = state.withLock { $0.kept[question]?.page }
            return .reply(kept.map(Self.reply) ?? Self.busy)
        }
    }

    // MARK: Replies

    static func reply(_ page: Page) -> Reply {
        let fields =
            page.fields + "Vary: Accept\r\nCache-Control: no-store\r\n"
            + "X-Content-Type-Options: nosniff\r\n"
        return Reply(
            status: page.status, fields: Array(fields.utf8), body: .bytes(page.bytes),
            record: RequestRecord())
    }

    static let stylesheet = asset(Stylesheet.file, "text/css; charset=utf-8", "immutable")
    static let icon = asset(Icon.file, "image/svg+xml", "must-revalidate")

    private static func asset(_ bytes: [UInt8], _ type: String, _ reuse: String) -> Reply {
        let fields =
            "Content-Type: \(type)\r\nX-Content-Type-Options: nosniff\r\n"
            + "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
            + "Cache-Control: public, max-age=\(reuse == "immutable" ? 31_536_000 : 86_400), "
            + "\(reuse)\r\n"
        return Reply(
            status: 200, fields: Array(fields.utf8), body: .bytes(bytes), record: RequestRecord())
    }

    private static var busy: Reply {
        reply(
            ErrorPage(
                503, "too many pages are asked for at once, or the database is slow.", at: .cache,
                advice: "Load the page again in a moment."
            ).page)
    }
}
