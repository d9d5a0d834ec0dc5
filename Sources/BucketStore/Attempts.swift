internal import Backends

/// How often and when a request to an object store is sent again.
struct Attempts {
    /// Requests in all.
    static let limit = 4
    private static let firstPause = Duration.milliseconds(100)

    private let time: any TimeSource
    private(set) var count = 0

    init(_ time: any TimeSource) {
        self.time = time
    }

    /// Waits before another attempt; false when there were enough.
    ///
    /// The pause doubles each time and is drawn from all of its length, so that replicas that
    /// failed together do not come back together.
    mutating func again() async -> Bool {
        count += 1
        guard count < Self.limit, !Task.isCancelled else { return false }
        let most = Self.firstPause * (1 << (count - 1))
        await time.sleep(for: most * Double.random(in: 0.1...1))
        return !Task.isCancelled
    }

    /// Whether the same request may well succeed a moment later.
    ///
    /// Not what took its whole time already: the one who waits has waited enough.
    static func mayRepeat(_ error: UpstreamError) -> Bool {
        switch error {
        case .unreachable, .truncated, .malformed: true
        case .timedOut, .insecure, .redirectRefused, .addressRefused, .hostRefused, .tooLarge,
            .cancelled:
            false
        }
    }

    /// The same for an answer.
    static func mayRepeat(_ status: Int, _ code: String) -> Bool {
        [408, 409, 429, 500, 502, 503, 504].contains(status)
            || ["SlowDown", "RequestTimeout", "InternalError"].contains(code)
    }
}
