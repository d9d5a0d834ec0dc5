import Dispatch
import HTTPModel
import Support
import Testing

/// One request to the server and what came back, read to the end of the connection.
struct Exchange: Sendable, CustomTestStringConvertible {
    /// 0 when not even a head came.
    let status: Int
    let headers: Headers
    let body: [UInt8]
    /// Whether the body is as long as its framing says.
    let isComplete: Bool

    /// What a client would take for the resource.
    var isGood: Bool { status == 200 && isComplete }
    var testDescription: String {
        let end = isComplete ? "" : ", broken"
        return "\(status), \(body.count) bytes\(end) \(status < 300 ? "" : text.prefix(200))"
    }
    var text: String { String(decoding: body, as: UTF8.self) }

    /// Sends a request for `target` as it stands, so that a test can send what no library would.
    ///
    /// After `seconds` the connection is given up, and what came until then is the result.
    static func get(
        _ target: String, from port: Int, fields: [String] = [], method: String = "GET",
        within seconds: Double = 60
    ) async throws -> Exchange {
        try await onThread {
            let download = try Download(
                target, from: port, fields: fields, method: method, within: seconds)
            return download.rest()
        }
    }
}

/// A request whose answer is read piece by piece; its functions block.
final class Download: Sendable {
    private let socket: LoopbackSocket
    private let received = Watched<[UInt8]>([])

    init(
        _ target: String, from port: Int, fields: [String] = [], method: String = "GET",
        within seconds: Double = 60
    ) throws {
        let socket = try LoopbackSocket.connected(to: UInt16(port))
        self.socket = socket
        let hasHost = fields.contains { $0.hasPrefix("Host:") }
        let host = hasHost ? [] : ["Host: 127.0.0.1:\(port)"]
        let lines = ["\(method) \(target) HTTP/1.1"] + host + fields
        _ = socket.write((lines + ["Connection: close", "", ""]).joined(separator: "\r\n"))
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak socket] in
            socket?.shutDown()
        }
    }

    /// Reads until more than `count` bytes have come, head included.
    ///
    /// - Returns: Whether so many came.
    func read(past count: Int) -> Bool {
        while received.value.count <= count {
            let bytes = socket.read()
            guard !bytes.isEmpty else { return false }
            received.update { $0 += bytes }
        }
        return true
    }

    /// Reads what is left.
    func rest() -> Exchange {
        _ = read(past: .max - 1)
        return Self.exchange(received.value)
    }

    /// Leaves at once.
    func abandon() {
        socket.resetOnClose()
        socket.shutDown()
    }

    private static func exchange(_ bytes: [UInt8]) -> Exchange {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return Exchange(status: 0, headers: Headers(), body: [], isComplete: false)
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n")
        var headers = Headers()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers.append(String(line[..<colon]), String(value))
        }
        let words = lines.first?.split(separator: " ") ?? []
        let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        let content = Array(bytes[end.upperBound...])
        if headers["transfer-encoding"] != nil {
            let (body, isComplete) = unchunked(content)
            return Exchange(status: status, headers: headers, body: body, isComplete: isComplete)
        }
        let length = headers["content-length"].flatMap { Int($0) }
        return Exchange(
            status: status, headers: headers, body: content,
            isComplete: length == content.count || status == 304)
    }

    private static func unchunked(_ bytes: [UInt8]) -> (body: [UInt8], isComplete: Bool) {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let line = rest.firstRange(of: [0x0D, 0x0A]) {
            let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16)
            guard let size, rest.endIndex - line.upperBound >= size + 2 else { break }
            if size == 0 { return (body, true) }
            body += rest[line.upperBound..<line.upperBound + size]
            rest = rest[(line.upperBound + size + 2)...]
        }
        return (body, false)
    }
}
