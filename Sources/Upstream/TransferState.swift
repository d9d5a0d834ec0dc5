internal import Backends

/// What libcurl's thread and a body's reader know of one transfer.
///
/// A plain value behind the lock of ``Transfer``: each method decides, and returns what the caller
/// is to do once the lock is released.
struct TransferState {
    /// A reader that sleeps until there is news.
    typealias Waiter = CheckedContinuation<Void, Never>

    /// Bytes that may wait for the reader before the transfer is held; one delivery of libcurl
    /// (16 KiB) may come on top.
    static let capacity = 256 << 10

    /// Bytes of a discarded body that are read for the sake of the connection.
    static let discardLimit = 64 << 10

    enum Receipt {
        case taken
        /// Nothing was taken; libcurl repeats the delivery once it is resumed.
        case held
        /// Nobody wants the rest.
        case abandoned
    }

    enum Outcome {
        case complete
        case failed(UpstreamError)
    }

    enum HeadStep {
        case head(ResponseHead)
        case failed(UpstreamError)
        case nothingYet
    }

    enum BodyStep {
        case bytes([UInt8], resume: Bool)
        case ended
        case failed(UpstreamError)
        case nothingYet
    }

    private var head: ResponseHead?
    private var isHeadSeen = false
    private var waiting: [UInt8] = []
    private var isHeld = false
    private var outcome: Outcome?
    private var waiter: Waiter?
    /// Bytes that may still be discarded; nil while there is a reader.
    private var discardable: Int?
    /// The most bytes that ever waited for the reader.
    private(set) var peakByteCount = 0

    // MARK: libcurl's side

    mutating func arrive(_ head: ResponseHead) { self.head = head }

    mutating func receive(_ bytes: Span<UInt8>) -> Receipt {
        guard outcome == nil else { return .abandoned }
        if let left = discardable {
            discardable = left - bytes.count
            return left >= bytes.count ? .taken : .abandoned
        }
        guard waiting.count < Self.capacity else {
            isHeld = true
            return .held
        }
        unsafe bytes.withUnsafeBufferPointer { unsafe waiting.append(contentsOf: $0) }
        peakByteCount = max(peakByteCount, waiting.count)
        return .taken
    }

    /// The reader to wake, when there is something for it.
    mutating func takeWaiter() -> Waiter? {
        hasNews ? waiter.take() : nil
    }

    /// The first outcome is final.
    mutating func finish(_ outcome: Outcome) -> Waiter? {
        guard self.outcome == nil else { return nil }
        self.outcome = outcome
        return waiter.take()
    }

    // MARK: The reader's side

    /// Keeps the waiter, or hands it straight back when news came before it.
    mutating func park(_ waiter: Waiter) -> Waiter? {
        guard !hasNews else { return waiter }
        precondition(self.waiter == nil, "a transfer has one reader at a time")
        self.waiter = waiter
        return nil
    }

    mutating func takeHead() -> HeadStep {
        if let head {
            isHeadSeen = true
            return .head(head)
        }
        switch outcome {
        case .failed(let error): return .failed(error)
        // A transfer that completes has had its head.
        case .complete: return .failed(.malformed)
        case nil: return .nothingYet
        }
    }

    mutating func take() -> BodyStep {
        if !waiting.isEmpty {
            let bytes = waiting
            waiting = []
            defer { isHeld = false }
            return .bytes(bytes, resume: isHeld)
        }
        switch outcome {
        case .complete: return .ended
        case .failed(let error): return .failed(error)
        case nil: return .nothingYet
        }
    }

    /// Ends the reader's interest.
    ///
    /// - Returns: Whether the transfer was still running, and a reader to wake.
    mutating func abandon() -> (wasRunning: Bool, waiter: Waiter?) {
        waiting = []
        guard outcome == nil else { return (false, nil) }
        outcome = .failed(.cancelled)
        return (true, waiter.take())
    }

    /// Lets a short rest of the body come, so that its connection can be used again.
    ///
    /// - Returns: Whether there will be no more than a short rest; otherwise abandon the transfer.
    mutating func discard() -> Bool {
        guard !isHeld, waiting.count <= Self.discardLimit else { return false }
        discardable = Self.discardLimit - waiting.count
        waiting = []
        return true
    }

    private var hasNews: Bool {
        outcome != nil || !waiting.isEmpty || (head != nil && !isHeadSeen)
    }
}
