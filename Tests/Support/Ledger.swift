package import HTTPModel

/// One request as the stub saw it.
package struct OriginRequest: Sendable {
    /// Numbers all requests of the stub, from 1 on.
    package let number: Int
    /// Numbers all connections of the stub, from 1 on.
    package let connection: Int
    package let method: String
    package let target: String
    package let headers: Headers
    /// When its head and body had come.
    package let time: ContinuousClock.Instant
    /// As it came, without the framing of chunks.
    package let body: [UInt8]

    /// The target without its query.
    package var path: String { String(target.prefix { $0 != "?" }) }
}

/// Every request that reached the stub: the oracle for counts, credentials and leaks.
package final class Ledger: Sendable {
    struct State: Sendable {
        var requests: [OriginRequest] = []
        /// How many of them came for each path.
        var counts: [String: Int] = [:]
        var sentByteCounts: [String: Int] = [:]
        var connectionCount = 0
    }

    private let state = Watched(State())

    package var requests: [OriginRequest] { state.value.requests }

    /// How many connections were accepted.
    package var connectionCount: Int { state.value.connectionCount }

    package func requests(to path: String) -> [OriginRequest] {
        requests.filter { $0.path == path }
    }

    package func count(_ path: String) -> Int { requests(to: path).count }

    /// Bytes of bodies that were handed to the kernel for this path.
    package func sentByteCount(_ path: String) -> Int { state.value.sentByteCounts[path] ?? 0 }

    /// Suspends until `count` requests for `path` have come.
    package func requests(_ count: Int, to path: String) async {
        await state.until { state in
            state.requests.count { $0.path == path } >= count
        }
    }

    func addConnection() -> Int {
        state.update { state in
            state.connectionCount += 1
            return state.connectionCount
        }
    }

    /// Writes a request down.
    ///
    /// - Returns: It, and how many came for its path before.
    func record(
        _ method: String, _ target: String, _ headers: Headers, body: [UInt8], connection: Int
    ) -> (request: OriginRequest, earlier: Int) {
        state.update { state in
            let request = OriginRequest(
                number: state.requests.count + 1, connection: connection, method: method,
                target: target, headers: headers, time: .now, body: body)
            let earlier = state.counts[request.path] ?? 0
            state.counts[request.path] = earlier + 1
            state.requests.append(request)
            return (request, earlier)
        }
    }

    func sent(_ byteCount: Int, of path: String) {
        state.update { $0.sentByteCounts[path, default: 0] += byteCount }
    }
}
