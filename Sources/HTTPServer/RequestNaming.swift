package import HTTPModel
internal import Linux

/// How a request gets its id, and whose address its client has.
///
/// Both may come from a trusted proxy; from nobody else is either believed.
package struct RequestNaming: Sendable, Hashable {
    /// The longest id that is taken over.
    private static let idByteLimit = 64

    private let trusted: [AddressBlock]
    /// What tells the ids of processes apart; seven digits, so that an id needs no memory of its own.
    private let prefix = Array(SystemRandom.hexadecimal(byteCount: 4).utf8.dropFirst())

    package init(trustedProxies: [AddressBlock]) {
        trusted = trustedProxies
    }

    /// Puts the id and the client into a head that came from `peer`.
    ///
    /// The loop's number tells the ids of loops apart; the other one grows by one with each request of
    /// a loop.
    func name(_ request: inout RequestHead, from peer: IPAddress?, loop: Int, number: UInt32) {
        request.peer = peer
        request.client = peer
        let given = request.requestID
        request.requestID = nil
        if !trusted.isEmpty, let peer, isTrusted(peer) {
            request.client = client(of: request) ?? peer
            if let given, Self.isPlain(given) { request.requestID = given }
        }
        if request.requestID == nil { request.requestID = id(loop: loop, number: number) }
    }

    /// An id of our own, 15 letters and digits, which repeats after 2^32 requests of a loop; see ``name(_:from:loop:number:)``.
    package func id(loop: Int, number: UInt32) -> String {
        let mixed = UInt64(UInt8(truncatingIfNeeded: loop)) << 32 | UInt64(number)
        var text: [UInt8] = []
        text.reserveCapacity(15)
        text += prefix
        for shift in stride(from: 35, through: 0, by: -5) {
            let digit = UInt8(truncatingIfNeeded: mixed >> UInt64(shift)) & 31
            text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isPlain(_ id: String) -> Bool {
        (1...idByteLimit).contains(id.utf8.count)
            && id.utf8.allSatisfy { PercentEncoding.isUnreserved($0) || $0 == 0x3A || $0 == 0x3D }
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    /// The nearest address that is none of the trusted proxies; nil when they say nothing.
    private func client(of request: RequestHead) -> IPAddress? {
        var last: IPAddress?
        for address in request.forwarding?.clients.reversed() ?? [] {
            last = address
            guard isTrusted(address) else { return address }
        }
        return last
    }
}
