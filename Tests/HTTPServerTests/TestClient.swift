import Linux

/// A client over a raw socket, which sees exactly what the server sends.
///
/// Each call blocks its thread for at most `patience` milliseconds.
final class TestClient {
    private let socket: Socket
    private var received: [UInt8] = []
    private var used = 0
    private(set) var ending: Ending?
    let patience: Int32

    enum Ending: Sendable, Hashable {
        case orderly, reset
    }

    struct Response: Sendable, Hashable {
        let status: Int
        let fields: [String: String]
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Failure: Error, Hashable {
        case tooSlow
        /// The connection ended after so many bytes of the body; nil within the head.
        case ended(Ending, bodyBytes: Int?)
        case malformed
    }

    init(_ address: SocketAddress, patience: Int32 = 60_000) throws {
        socket = try Socket.connect(to: address)
        self.patience = patience
    }

    // MARK: Sending

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            switch socket.send(bytes.span.extracting(sent..<bytes.count), then: .nothing) {
            case .moved(let count): sent += count
            case .wouldBlock:
                guard socket.wait(for: .writable, milliseconds: patience) else {
                    throw Failure.tooSlow
                }
            case .end, .failed: throw Failure.ended(.reset, bodyBytes: nil)
            }
        }
    }

    /// A GET request with Host.
    func get(_ path: String, fields: String = "") throws {
        try send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    }

    func endSending() { socket.endSending() }
    func abort() { socket.reset() }

    // MARK: Receiving

    /// Reads one response whole.
    func response(to method: String = "GET") throws -> Response {
        let (status, fields) = try head()
        let hasNone = method == "HEAD" || status == 304 || status == 204
        if hasNone { return Response(status: status, fields: fields, body: []) }
        if fields["transfer-encoding"] == "chunked" {
            return Response(status: status, fields: fields, body: try chunks())
        }
        guard let length = fields["content-length"].flatMap({ Int($0) }) else {
            throw Failure.malformed
        }
        return Response(status: status, fields: fields, body: try take(length, bodyStart: used))
    }

    /// Status and fields of the next response.
    func head() throws -> (status: Int, fields: [String: String]) {
        var lines: [String] = []
        while true {
            let line = try line()
            if line.isEmpty { break }
            lines.append(line)
        }
        let parts = (lines.first ?? "").split(separator: " ")
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw Failure.malformed
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Failure.malformed }
            let name = line[..<colon].lowercased()
            guard fields[name] == nil else { throw Failure.malformed }
            fields[name] = String(line[line.index(colon, offsetBy: 2)...])
        }
        return (status, fields)
    }

    /// Exactly `count` bytes.
    func take(_ count: Int, bodyStart: Int? = nil) throws -> [UInt8] {
        while received.count - used < count {
            guard try receive() else {
                throw Failure.ended(
                    ending ?? .orderly, bodyBytes: bodyStart.map { received.count - $0 })
            }
        }
        defer { used += count }
        return Array(received[used..<used + count])
    }

    /// Whether the connection ends without another byte.
    func endsHere() throws -> Ending {
        while try receive() {}
        guard received.count == used, let ending else { throw Failure.malformed }
        return ending
    }

    /// Whether bytes are there without waiting longer than this.
    func hasBytes(within milliseconds: Int32) -> Bool {
        received.count > used || socket.wait(for: .readable, milliseconds: milliseconds)
    }

    private func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            guard let count = Int(try line(), radix: 16) else { throw Failure.malformed }
            body += try take(count, bodyStart: used - body.count)
            guard try line().isEmpty else { throw Failure.malformed }
            if count == 0 { return body }
        }
    }

    private func line() throws -> String {
        var end = used
        while true {
            while end + 1 < received.count {
                if received[end] == 0x0D, received[end + 1] == 0x0A {
                    defer { used = end + 2 }
                    return String(decoding: received[used..<end], as: UTF8.self)
                }
                end += 1
            }
            guard try receive() else { throw Failure.ended(ending ?? .orderly, bodyBytes: nil) }
        }
    }

    /// Receives once; false when the connection has ended.
    private func receive() throws -> Bool {
        guard ending == nil else { return false }
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            switch socket.receive(into: &room) {
            case .moved(let count):
                received.append(contentsOf: room[..<count])
                return true
            case .end:
                ending = .orderly
                return false
            case .failed:
                ending = .reset
                return false
            case .wouldBlock:
                guard socket.wait(for: .readable, milliseconds: patience) else {
                    throw Failure.tooSlow
                }
            }
        }
    }
}
