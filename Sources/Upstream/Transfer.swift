internal import Backends
internal import HTTPModel
internal import Synchronization

/// One hop of a fetch, shared by the task that waits for it and the thread that runs it.
///
/// The loop keeps it alive while libcurl knows it.
final class Transfer: Sendable {
    let request: UpstreamRequest
    /// What is asked of an object store instead; `request` then holds limits and rules alone.
    let object: ObjectRequest?
    /// Where this hop goes; the request's own URL on the first one.
    let url: AbsoluteURL
    /// The end of the whole fetch, redirects included.
    let total: ContinuousClock.Instant
    private let loop: CurlLoop
    private let state = Mutex(TransferState())

    init(
        _ request: UpstreamRequest, to url: AbsoluteURL, until total: ContinuousClock.Instant,
        on loop: CurlLoop
    ) {
        self.request = request
        object = nil
        self.url = url
        self.total = total
        self.loop = loop
    }

    /// A request to an object store.
    init(object: ObjectRequest, until total: ContinuousClock.Instant, on loop: CurlLoop) {
        self.object = object
        url = object.url
        // The operator named the store, so that its address is not judged.
        request = UpstreamRequest(
            url: url, policy: UpstreamPolicy(home: url.origin), limits: object.limits)
        self.total = total
        self.loop = loop
    }

    var peakByteCount: Int { state.withLock { $0.peakByteCount } }

    // MARK: The reader's side

    /// Waits for the final head; cancelling the task ends the transfer.
    func head() async throws(UpstreamError) -> ResponseHead {
        while true {
            switch state.withLock({ $0.takeHead() }) {
            case .head(let head): return head
            case .failed(let error): throw error
            case .nothingYet: await waitForNews()
            }
        }
    }

    /// Waits for all that has come since the last call; cancelling the task ends the transfer.
    func next() async throws(UpstreamError) -> [UInt8]? {
        while true {
            switch state.withLock({ $0.take() }) {
            case .bytes(let bytes, let resume):
                if resume { loop.post(.resume(self)) }
                return bytes
            case .ended: return nil
            case .failed(let error): throw error
            case .nothingYet: await waitForNews()
            }
        }
    }

    /// Ends the transfer; its reader, if one waits, gets `.cancelled`.
    func cancel() {
        let (wasRunning, waiter) = state.withLock { $0.abandon() }
        waiter?.resume()
        if wasRunning { loop.post(.cancel(self)) }
    }

    /// Gives the body up, and the connection only when the rest is long.
    func discard() {
        if !state.withLock({ $0.discard() }) { cancel() }
    }

    private func waitForNews() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                state.withLock { $0.park(waiter) }?.resume()
            }
        } onCancel: {
            cancel()
        }
    }

    // MARK: The loop's side

    func arrive(_ head: ResponseHead) { state.withLock { $0.arrive(head) } }

    func receive(_ bytes: Span<UInt8>) -> TransferState.Receipt {
        state.withLock { $0.receive(bytes) }
    }

    /// Wakes the reader if there is something for it.
    func announce() { state.withLock { $0.takeWaiter() }?.resume() }

    func finish(_ outcome: TransferState.Outcome) {
        state.withLock { $0.finish(outcome) }?.resume()
    }
}
