internal import Backends
internal import CCurl

/// The transfers that libcurl knows, for the loop's thread alone.
@safe struct ExchangeTable: ~Copyable {
    /// The longest wait; nothing depends on it.
    private static let longestWait = Duration.seconds(60)

    private let multi: UnsafeMutableRawPointer
    private var exchanges: [ObjectIdentifier: Exchange] = [:]
    private var pools = ConnectionPools()
    /// Transfers that ended since the last look at the inbox.
    private var endedCount = 0

    /// Takes over `multi`, and frees it when it has run.
    @unsafe init(_ multi: UnsafeMutableRawPointer) {
        unsafe self.multi = unsafe multi
    }

    /// Runs until the inbox is closed, then ends every transfer as cancelled.
    ///
    /// - Parameters:
    ///   - settings: What every transfer has in common.
    ///   - read: Takes how many transfers have ended, and empties the inbox.
    consuming func run(
        _ settings: ClientSettings,
        read: (_ endedCount: Int) -> (commands: [CurlLoop.Command], isClosed: Bool)
    ) {
        while true {
            let (commands, isClosed) = read(endedCount)
            endedCount = 0
            if isClosed { return close(commands) }
            for command in commands { apply(command, settings) }
            perform()
            wait(until: endOverdue())
        }
    }

    private mutating func apply(_ command: CurlLoop.Command, _ settings: ClientSettings) {
        switch command {
        case .start(let transfer):
            do {
                try start(transfer, settings)
            } catch {
                endedCount += 1
                let failure = CurlFailure.error(error.code.rawValue, during: .connect)
                transfer.finish(.failed(failure))
            }
        case .cancel(let transfer):
            if let exchange = exchanges[ObjectIdentifier(transfer)] { remove(exchange) }
        case .resume(let transfer):
            exchanges[ObjectIdentifier(transfer)]?.resume(at: .now)
        }
    }

    private mutating func start(
        _ transfer: Transfer, _ settings: ClientSettings
    ) throws(CurlError) {
        let exchange = try Exchange(transfer, settings, at: .now)
        try pools.enlist(exchange)
        guard unsafe curl_multi_add_handle(multi, exchange.handle.pointer) == CURLM_OK else {
            throw CurlError(code: CURLE_OUT_OF_MEMORY)
        }
        exchanges[ObjectIdentifier(transfer)] = exchange
    }

    /// Takes a transfer away from libcurl and drops it; what it sent is not read any more.
    private mutating func remove(_ exchange: Exchange) {
        unsafe curl_multi_remove_handle(multi, exchange.handle.pointer)
        exchanges[ObjectIdentifier(exchange.transfer)] = nil
        endedCount += 1
    }

    /// Lets libcurl read, write and call back, and ends what it has finished.
    private mutating func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            // Removing the handle frees the message, so it is copied first.
            let (easy, code) = unsafe (message.pointee.easy_handle, message.pointee.data.result)
            guard let easy = unsafe easy, let exchange = unsafe Exchange.of(easy) else { continue }
            remove(exchange)
            exchange.finish(code)
        }
    }

    /// Wakes the readers of what came, ends what takes too long, and tells the next deadline.
    ///
    /// Pieces are gathered up to here, but never longer: a fast origin must not delay a first byte.
    private mutating func endOverdue() -> Deadlines.Instant {
        let now = Deadlines.Instant.now
        var next = now + Self.longestWait
        var overdue: [(Exchange, UpstreamError.Phase)] = []
        for exchange in exchanges.values {
            if exchange.hasNews {
                exchange.hasNews = false
                exchange.transfer.announce()
            }
            if let phase = exchange.deadlines.expired(at: now) {
                overdue.append((exchange, phase))
            } else {
                next = min(next, exchange.deadlines.next)
            }
        }
        for (exchange, phase) in overdue {
            remove(exchange)
            exchange.transfer.finish(.failed(.timedOut(phase)))
        }
        return next
    }

    private func wait(until moment: Deadlines.Instant) {
        let (seconds, attoseconds) = (moment - .now).components
        // Rounded up, so that the deadline has passed when the wait ends.
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1
        unsafe curl_multi_poll(
            multi, nil, 0, Int32(clamping: max(0, milliseconds)), nil)
    }

    private consuming func close(_ commands: [CurlLoop.Command]) {
        for case .start(let transfer) in commands { transfer.finish(.failed(.cancelled)) }
        for exchange in Array(exchanges.values) {
            remove(exchange)
            exchange.transfer.finish(.failed(.cancelled))
        }
        // Handles first, then the pools with their connections, then what held them all.
        pools = ConnectionPools()
        unsafe curl_multi_cleanup(multi)
    }
}
