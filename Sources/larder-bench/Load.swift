import Linux

/// Requests over connections that are kept, from one thread.
///
/// Every connection has one request under way at most. Between two calls none has.
final class Load {
    struct Result {
        /// Of answers that were whole.
        var requestCount = 0
        var bodyByteCount = 0
        var seconds = 0.0
        /// In nanoseconds, where they were asked for; not sorted.
        var latencies: [UInt64] = []

        var perSecond: Double { Double(requestCount) / seconds }
        var megabytesPerSecond: Double { Double(bodyByteCount) / 1e6 / seconds }
    }

    /// One connection and the answer that it waits for.
    final class Link {
        var socket: Socket
        var reader = AnswerReader()
        /// Since when the request should have been under way; nil when none is.
        var since: UInt64?

        init(_ socket: consuming Socket) {
            self.socket = socket
        }
    }

    private let address: SocketAddress
    private let requests: [[UInt8]]
    private let expected: Int
    private let epoll: Epoll
    private(set) var links: [Link] = []
    private var batch = EpollBatch(capacity: 256)
    private var scratch = [UInt8](repeating: 0, count: 256 << 10)
    private var next = 0
    private var result = Result()
    private var keepsLatencies = false

    /// Connects at once; `expected` is the status that every answer must have.
    init(
        port: Int, requests: [[UInt8]], connections: Int, expecting expected: Int = 200
    ) throws {
        // What waits for the processor here would count as the server's time.
        LinuxThread.takeShortTurns()
        address = SocketAddress(bytes: [127, 0, 0, 1], port: UInt16(port))
        self.requests = requests
        self.expected = expected
        epoll = try Epoll()
        for number in 0..<connections {
            let socket = try Socket.connect(to: address)
            try epoll.add(socket, token: UInt64(number))
            links.append(Link(socket))
        }
    }

    // MARK: Ways to load

    /// Sends the next request as soon as an answer is whole, for so long.
    func run(seconds: Double, latencies: Bool = false) throws -> Result {
        begin(latencies: latencies)
        let start = SystemClock.monotonicNanoseconds
        let end = start + UInt64(seconds * 1e9)
        for link in links { try send(on: link, since: SystemClock.monotonicNanoseconds) }
        var now = start
        while now < end {
            try turn(milliseconds: 100) { link in
                try self.send(on: link, since: SystemClock.monotonicNanoseconds)
            }
            now = SystemClock.monotonicNanoseconds
        }
        var whole = result
        whole.seconds = Double(now - start) / 1e9
        try finish()
        return whole
    }

    /// Sends every request once, in their order; `looking` is called meanwhile, between two reads.
    func runOnce(looking: () -> Void = {}) throws -> Result {
        begin(latencies: false)
        let start = SystemClock.monotonicNanoseconds
        next = 0
        var left = requests.count
        for link in links where left > 0 {
            left -= 1
            try send(on: link, since: start)
        }
        while links.contains(where: { $0.since != nil }) {
            try turn(milliseconds: 60_000) { link in
                guard left > 0 else { return }
                left -= 1
                try self.send(on: link, since: start)
            }
            looking()
        }
        result.seconds = Double(SystemClock.monotonicNanoseconds - start) / 1e9
        return result
    }

    /// Sends so many requests a second, whether or not the answers keep up, in steps of a
    /// millisecond; a latency begins when the request was due.
    ///
    /// With `ownDelay` false it begins when the request was sent, if a connection was free when it was
    /// due: with few requests, the steps of this thread would be most of every latency.
    func run(perSecond: Double, seconds: Double, ownDelay: Bool = true) throws -> Result {
        begin(latencies: true)
        let start = SystemClock.monotonicNanoseconds
        let count = Int(perSecond * seconds)
        var sent = 0
        var idle = links
        var now = start
        while sent < count || idle.count < links.count {
            let due = min(count, Int(Double(now - start) / 1e9 * perSecond) + 1)
            let mayCountFromNow = !ownDelay && idle.count >= due - sent
            while sent < due, let link = idle.popLast() {
                let step = UInt64(Double(sent) / perSecond * 1e3) * 1_000_000
                try send(
                    on: link,
                    since: mayCountFromNow ? SystemClock.monotonicNanoseconds : start + step)
                sent += 1
            }
            try turn(milliseconds: 1) { idle.append($0) }
            now = SystemClock.monotonicNanoseconds
        }
        result.seconds = Double(now - start) / 1e9
        return result
    }

    // MARK: Steps

    private func begin(latencies: Bool) {
        result = Result()
        keepsLatencies = latencies
    }

    /// Waits until nothing is under way.
    private func finish() throws {
        while links.contains(where: { $0.since != nil }) {
            try turn(milliseconds: 60_000) { _ in }
        }
    }

    func send(on link: Link, since moment: UInt64) throws {
        let request = requests[next]
        next = next + 1 == requests.count ? 0 : next + 1
        link.reader = AnswerReader()
        link.since = moment
        guard case .moved(request.count) = link.socket.send(request.span, then: .nothing) else {
            throw BenchmarkFault(description: "the server takes no request")
        }
    }

    /// Reads what came within the time, and calls `ended` for each connection whose answer is whole.
    private func turn(milliseconds: Int32, ended: (Link) throws -> Void) throws {
        let count = epoll.wait(into: &batch, milliseconds: milliseconds)
        if count == 0, milliseconds >= 60_000 {
            throw BenchmarkFault(description: "no answer within a minute")
        }
        for index in 0..<count {
            let number = Int(batch[index].token)
            let link = links[number]
            guard link.since != nil, try receive(link) else { continue }
            try note(link)
            if link.reader.closes { try reconnect(number) }
            try ended(link)
        }
    }

    /// Whether the answer is whole.
    private func receive(_ link: Link) throws -> Bool {
        while true {
            switch link.socket.receive(into: &scratch) {
            case .moved(let count):
                let bytes = scratch
                try link.reader.read(bytes.span.extracting(0..<count))
                if link.reader.isWhole { return true }
                // A short receive has emptied the socket.
                if count < scratch.count { return false }
            case .wouldBlock: return false
            case .end, .failed: throw BenchmarkFault(description: "an answer broke off")
            }
        }
    }

    private func note(_ link: Link) throws {
        guard link.reader.status == expected else {
            throw BenchmarkFault(description: "an answer has the status \(link.reader.status)")
        }
        result.requestCount += 1
        result.bodyByteCount += link.reader.bodyByteCount
        if keepsLatencies, let since = link.since {
            result.latencies.append(SystemClock.monotonicNanoseconds - since)
        }
        link.since = nil
    }

    private func reconnect(_ number: Int) throws {
        let socket = try Socket.connect(to: address)
        try epoll.add(socket, token: UInt64(number))
        links[number].socket = socket
    }
}
