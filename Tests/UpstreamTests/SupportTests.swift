import Backends
import HTTPModel
import Support
import Testing
import Upstream

/// What other tests rely on.
@Suite(.timeLimit(.minutes(5))) struct SupportTests {
    @Test("a script goes on with each request, and its last answer stays")
    func script() async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .busy(503), .busy(429), .text("good"))
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await fetching.fetch("/a").status) }
        #expect(statuses == [503, 429, 200, 200])
        #expect(fetching.origin.ledger.requests.map(\.number) == [1, 2, 3, 4])
    }

    @Test("an entity answers conditions and ranges")
    func entity() async throws {
        let origin = try OriginStub()
        let pattern = Pattern(byteCount: 200_000)
        origin.route("/f", .entity(.pattern(pattern), tag: "\"t\""))
        func ask(_ fields: String) throws -> (head: String, body: [UInt8]) {
            let socket = try LoopbackSocket.connected(to: UInt16(origin.port))
            #expect(socket.write("GET /f HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"))
            var bytes: [UInt8] = []
            let end = Array("\r\n\r\n".utf8)
            while bytes.firstRange(of: end) == nil { bytes += socket.read() }
            let split = try #require(bytes.firstRange(of: end))
            let head = String(decoding: bytes[..<split.lowerBound], as: UTF8.self)
            var body = Array(bytes[split.upperBound...])
            let field = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
            let count = field.flatMap { Int($0.dropFirst(16)) } ?? 0
            while body.count < count { body += socket.read() }
            return (head, body)
        }
        #expect(try ask("").body == pattern.bytes)
        #expect(try ask("If-None-Match: W/\"t\"\r\n").head.hasPrefix("HTTP/1.1 304"))
        #expect(try ask("If-None-Match: \"u\"\r\n").head.hasPrefix("HTTP/1.1 200"))
        let part = try ask("Range: bytes=100000-100009\r\n")
        #expect(part.head.hasPrefix("HTTP/1.1 206"))
        #expect(part.head.contains("Content-Range: bytes 100000-100009/200000"))
        #expect(part.body == pattern.bytes(100_000..<100_010))
        #expect(try ask("Range: bytes=0-0\r\nIf-Range: \"u\"\r\n").body.count == 200_000)
        #expect(try ask("Range: bytes=200000-\r\n").head.hasPrefix("HTTP/1.1 416"))
    }

    @Test("a gate before the head")
    func gate() async throws {
        let fetching = try Fetching()
        let gate = Gate()
        fetching.origin.route("/a", .text("a").with(\.gate, gate))
        let task = Task { try await fetching.body(fetching.request("/a")) }
        await gate.arrivals(1)
        gate.open()
        #expect(try await task.value == Array("a".utf8))
    }
}
