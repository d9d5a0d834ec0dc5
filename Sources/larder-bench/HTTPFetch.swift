import Support

/// A connection that sends one request after another and counts what comes back.
final class HTTPFetch: Sendable {
    struct Answer: Sendable {
        let status: Int
        let byteCount: Int
        /// The body, where it was asked for.
        let body: [UInt8]
    }

    private let socket: LoopbackSocket
    private let port: Int

    init(port: Int) throws {
        self.port = port
        socket = try LoopbackSocket.connected(to: UInt16(port))
    }

    func send(_ target: String, accept: String = "*/*") throws {
        let request =
            "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAccept: \(accept)\r\n\r\n"
        guard socket.write(request) else {
            throw BenchmarkFault(description: "the server closed the connection")
        }
    }

    /// Reads one answer of known length.
    func answer(keepingBody: Bool = false) throws -> Answer {
        var head: [UInt8] = []
        var end: Int?
        while end == nil {
            let piece = socket.read()
            guard !piece.isEmpty, head.count < 1 << 20 else {
                throw BenchmarkFault(description: "the answer has no end of its head")
            }
            let searched = max(0, head.count - 3)
            head += piece
            end = Self.endOfHead(head, from: searched)
        }
        guard let end, let (status, length) = Self.fields(head[..<end]) else {
            throw BenchmarkFault(description: "the answer has no length")
        }
        var body = Array(head[end...])
        var count = body.count
        while count < length {
            let piece = socket.read(atMost: 1 << 18)
            guard !piece.isEmpty else {
                throw BenchmarkFault(description: "the answer broke off")
            }
            count += piece.count
            if keepingBody { body += piece }
        }
        return Answer(status: status, byteCount: count, body: keepingBody ? body : [])
    }

    func get(
        _ target: String, accept: String = "*/*", keepingBody: Bool = false
    ) throws -> Answer {
        try send(target, accept: accept)
        let answer = try answer(keepingBody: keepingBody)
        guard answer.status == 200 else {
            throw BenchmarkFault(description: "\(target) was answered with \(answer.status)")
        }
        return answer
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard bytes.count >= 4 else { return nil }
        return (start...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual(end) }
            .map { $0 + 4 }
    }

    private static func fields(_ head: ArraySlice<UInt8>) -> (status: Int, length: Int)? {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        guard let status, let length else { return nil }
        return (status, length)
    }
}
