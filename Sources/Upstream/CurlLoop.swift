internal import Backends
internal import CCurl
internal import Dispatch
internal import Synchronization

/// The one thread that calls libcurl, and the way to ask something of it.
///
/// The thread runs until ``stop()`` and keeps the loop alive meanwhile.
@safe final class CurlLoop: Sendable {
    enum Command: Sendable {
        case start(Transfer)
        case cancel(Transfer)
        /// The reader has made room for more of the body.
        case resume(Transfer)
    }

    /// What the loop has been asked and has not read yet.
    ///
    /// Its length is bounded by the number of transfers, which have at most one reader each.
    private struct Inbox {
        var commands: [Command] = []
        var isClosed = false
        /// Transfers between their start and their end.
        var transferCount = 0
    }

    private let settings: ClientSettings
    // For the loop's thread alone, but for curl_multi_wakeup, which any thread may call.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer
    private let inbox = Mutex(Inbox())

    // Once per process and before anything else; a static is initialised once, under a lock.
    private static let globalStart = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// Starts the thread.
    init(_ settings: ClientSettings) throws(UpstreamError) {
        guard Self.globalStart == CURLE_OK, let multi = unsafe curl_multi_init() else {
            throw CurlFailure.failedStart
        }
        self.settings = settings
        unsafe self.multi = unsafe multi
        _ = unsafe shim_curl_multi_set_long(
            multi, CURLMOPT_MAXCONNECTS, settings.idleConnectionLimit)
        // A serial queue has a thread of its own for as long as its block runs.
        DispatchQueue(label: "larder.upstream").async { self.run() }
    }

    /// Ends every transfer as cancelled, and then the thread; harmless when said again.
    func stop() {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return }
            inbox.isClosed = true
            wake()
        }
    }

    /// Asks for something; a transfer that cannot be started any more ends at once.
    func post(_ command: Command) {
        let refusal = inbox.withLock { inbox -> UpstreamError? in
            guard !inbox.isClosed else { return .cancelled }
            if case .start = command {
                guard inbox.transferCount < settings.transferLimit else {
                    return CurlFailure.noConnection
                }
                inbox.transferCount += 1
            }
            inbox.commands.append(command)
            if inbox.commands.count == 1 { wake() }
            return nil
        }
        if let refusal, case .start(let transfer) = command {
            transfer.finish(.failed(refusal))
        }
    }

    /// Ends the loop's present or next wait.
    ///
    /// Only under the lock and while the inbox is open or just being closed: the thread frees the
    /// multi handle once it saw it closed. It writes to a pipe and does not block.
    private func wake() { unsafe curl_multi_wakeup(multi) }

    private func run() {
        unsafe ExchangeTable(multi).run(settings) { ended in
            inbox.withLock { inbox in
                inbox.transferCount -= ended
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isClosed)
            }
        }
    }
}
