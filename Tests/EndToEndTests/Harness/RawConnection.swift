import Linux
import Support

/// A client over a raw socket that takes whatever comes.
enum RawConnection {
    /// What came back over one connection until it ended, or was silent for `patience` milliseconds.
    ///
    /// Blocks; whoever waits for more of a body says nothing, and closes nothing.
    static func answers(to bytes: [UInt8], from port: Int, patience: Int32) throws -> [UInt8] {
        let address = SocketAddress(bytes: [127, 0, 0, 1], port: UInt16(port))
        let socket = try Socket.connect(to: address)
        var sent = 0
        while sent < bytes.count {
            switch socket.send(bytes.span.extracting(sent..<bytes.count), then: .nothing) {
            case .moved(let count): sent += count
            case .wouldBlock:
                guard socket.wait(for: .writable, milliseconds: 5_000) else { return [] }
            // It may answer and close before it has taken all.
            case .end, .failed: sent = bytes.count
            }
        }
        var received: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            switch socket.receive(into: &room) {
            case .moved(let count): received += room[..<count]
            case .end, .failed: return received
            case .wouldBlock:
                guard socket.wait(for: .readable, milliseconds: patience) else { return received }
            }
        }
    }

    /// The statuses of all answers in what came, interim ones included.
    ///
    /// A body must not look like a head.
    static func statuses(in bytes: [UInt8]) -> [Int] {
        String(decoding: bytes, as: UTF8.self).matches(of: #/HTTP/1\.[01] ([1-5][0-9][0-9])/#)
            .compactMap { Int($0.1) }
    }
}
