import Engine
import HTTPModel
import HTTPServer
import Linux
import Support
import Synchronization
import Testing

/// A body that a test lets arrive, and the fill that readers follow.
private final class ArrivingBody: Sendable {
    let fill = Fill()
    let bytes: [UInt8]
    private let file: GrowingFile

    init(_ count: Int) throws {
        bytes = patterned(count)
        file = try .memory()
    }

    func begin(isCounted: Bool = true) {
        let head = Fill.Head(
            byteCount: isCounted ? bytes.count : nil, entityTag: nil, lastModified: nil,
            upstreamStatus: 200)
        fill.begin(head, file: file.reader)
    }

    func grow(to count: Int) throws {
        try file.append(Array(bytes[file.byteCount..<count]))
        fill.publish(fileCount: count, visible: count)
    }
}

extension ServerTests {
    @Suite struct FillTests {
        @Test(
            "three followers, one of whom comes late, get the whole file", arguments: [true, false])
        func followers(isCounted: Bool) async throws {
            let file = try ArrivingBody(9 << 20)
            let responder = ScriptedResponder { _ in
                .fill(file.fill, to: isCounted ? file.bytes.count : nil)
            }
            try await withServer(responder) { server in
                let first = try TestClient(server.address)
                let second = try TestClient(server.address)
                try first.get("/")
                file.begin(isCounted: isCounted)
                #expect(!first.hasBytes(within: 20))
                try file.grow(to: 1_000)
                let head = try first.head()
                #expect(head.fields["content-length"] == (isCounted ? "\(9 << 20)" : nil))
                #expect(head.fields["transfer-encoding"] == (isCounted ? nil : "chunked"))
                if isCounted {
                    // What was published is there before the rest is.
                    #expect(try first.take(1_000) == Array(file.bytes[..<1_000]))
                }
                try second.get("/")
                for step in 1...9 { try file.grow(to: step << 20) }
                let third = try TestClient(server.address)
                try third.get("/")
                file.fill.complete(count: file.bytes.count)
                #expect(try second.response().body == file.bytes)
                #expect(try third.response().body == file.bytes)
                if isCounted {
                    #expect(try first.take(9 << 20 - 1_000) == Array(file.bytes[1_000...]))
                }
                if !isCounted {
                    // Framing stays right for what follows.
                    try third.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try third.response(to: "HEAD").status == 200)
                }
            }
        }

        @Test("a download that outlives the stop closes at its end, whatever its head said")
        func downloadPastStop() async throws {
            let file = try ArrivingBody(100_000)
            file.begin()
            let responder = ScriptedResponder { request in
                request.target.raw == "/file"
                    ? .fill(file.fill, to: file.bytes.count) : .text("a")
            }
            try await withServer(responder) { server in
                let idle = try TestClient(server.address)
                try idle.get("/")
                _ = try idle.response()
                let client = try TestClient(server.address)
                try client.get("/file")
                try file.grow(to: 1_000)
                #expect(try client.head().fields["connection"] == nil)
                #expect(try client.take(1_000) == Array(file.bytes[..<1_000]))
                let stopped = Task { await server.stop(within: .seconds(50)) }
                // Now the loop knows of the stop.
                #expect(try idle.endsHere() == .orderly)
                try file.grow(to: 100_000)
                file.fill.complete(count: file.bytes.count)
                #expect(try client.take(99_000) == Array(file.bytes[1_000...]))
                #expect(try client.endsHere() == .orderly)
                await stopped.value
            }
        }

        @Test("a part of a file that is still arriving is not whole before the file is verified")
        func part() async throws {
            let file = try ArrivingBody(100_000)
            file.begin()
            let responder = ScriptedResponder { _ in .fill(file.fill, from: 40_000, to: 60_000) }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                try file.grow(to: 50_000)
                try file.grow(to: 100_000)
                let head = try client.head()
                #expect(head.fields["content-length"] == "20000")
                #expect(try client.take(19_999).count == 19_999)
                #expect(!client.hasBytes(within: 20), "the last byte waits for the verdict")
                file.fill.complete(count: 100_000)
                #expect(try client.take(1) == [file.bytes[59_999]])
                try client.get("/")
                #expect(try client.response().body == Array(file.bytes[40_000..<60_000]))
                #expect(await responder.outcomes(1).first?.bodyBytes == 20_000)
            }
        }

        @Test(
            "a fill that fails half-way is a reset, never an orderly end", arguments: [true, false])
        func failing(isCounted: Bool) async throws {
            let file = try ArrivingBody(100_000)
            file.begin(isCounted: isCounted)
            try file.grow(to: 60_000)
            let responder = ScriptedResponder { _ in
                .fill(file.fill, to: isCounted ? file.bytes.count : nil)
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                _ = try client.head()
                _ = try client.take(1_000)
                file.fill.fail(.bodyCorrupt)
                #expect(throws: TestClient.Failure.self) { try client.take(99_000) }
                #expect(client.ending == .reset)
                let outcome = await responder.outcomes(1)[0]
                #expect(!outcome.isComplete)
                #expect(outcome.bodyBytes <= 60_000)
            }
        }

        @Test("a fill that ends before its promised length is a reset")
        func short() async throws {
            let file = try ArrivingBody(100_000)
            file.begin()
            try file.grow(to: 60_000)
            file.fill.complete(count: 60_000)
            try await withServer(ScriptedResponder { _ in .fill(file.fill, to: 100_000) }) {
                server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(throws: TestClient.Failure.self) { try client.response() }
                #expect(client.ending == .reset)
            }
        }

        @Test("a fill that fails before its first byte is told to the responder, which answers")
        func failingEarly() async throws {
            let fill = Fill()
            let told = Mutex(0)
            let responder = ScriptedResponder({ _ in .fill(fill, to: 10) }) { pending, _ in
                guard case .failed(.upstreamTimedOut) = pending.fill.phase else {
                    return .text("no failure")
                }
                let count = told.withLock { told in
                    told += 1
                    return told
                }
                // An answer that is the failed fill again is not asked about a second time.
                return count == 1 ? .text("better") : .fill(fill, to: 10)
            }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                #expect(!client.hasBytes(within: 20))
                fill.fail(.upstreamTimedOut)
                #expect(try client.response().text == "better")
                try client.get("/")
                let response = try client.response()
                #expect(response.status == 503)
                #expect(response.fields["retry-after"] == "5")
                #expect(await responder.outcomes(2).map(\.status) == [200, 503])
            }
        }

        @Test("a relay reaches its reader piece by piece, with bounded memory")
        func relay() async throws {
            let fill = Fill()
            let bytes = patterned(6 << 20)
            fill.begin(
                Fill.Head(
                    byteCount: bytes.count, entityTag: nil, lastModified: nil, upstreamStatus: 200),
                file: nil)
            try await withServer(ScriptedResponder { _ in .fill(fill, to: bytes.count) }) {
                server in
                let client = try TestClient(server.address)
                try client.get("/")
                async let producing = Self.produce(bytes, into: fill)
                _ = try client.head()
                let body = try client.take(bytes.count)
                #expect(body == bytes)
                #expect(await producing)
            }
        }

        private static func produce(_ bytes: [UInt8], into fill: Fill) async -> Bool {
            for start in stride(from: 0, to: bytes.count, by: 65_536) {
                let end = min(start + 65_536, bytes.count)
                // The last byte shows with the end only: a reader that has all of them leaves.
                let visible = min(end, bytes.count - 1)
                guard await fill.relay(Array(bytes[start..<end]), visible: visible) else {
                    return false
                }
            }
            fill.complete(count: bytes.count)
            return true
        }

        @Test("the last reader of a relay leaving ends it")
        func leaving() async throws {
            let fill = Fill()
            fill.begin(
                Fill.Head(byteCount: nil, entityTag: nil, lastModified: nil, upstreamStatus: 200),
                file: nil)
            let responder = ScriptedResponder { _ in .fill(fill, to: nil) }
            try await withServer(responder) { server in
                let client = try TestClient(server.address)
                try client.get("/")
                let isWanted = await fill.relay([1, 2, 3], visible: 3)
                #expect(isWanted)
                _ = try client.head()
                client.endSending()
                _ = await responder.outcomes(1)
                let isStillWanted = await fill.relay([4], visible: 4)
                #expect(!isStillWanted)
            }
        }

        @Test("HTTP/1.0 gets a body of unknown length once it is whole, with its length")
        func version10() async throws {
            let file = try ArrivingBody(50_000)
            try await withServer(ScriptedResponder { _ in .fill(file.fill, to: nil) }) { server in
                let client = try TestClient(server.address)
                try client.send("GET / HTTP/1.0\r\n\r\n")
                file.begin(isCounted: false)
                try file.grow(to: 20_000)
                #expect(!client.hasBytes(within: 20))
                try file.grow(to: 50_000)
                file.fill.complete(count: 50_000)
                let response = try client.response()
                #expect(response.fields["content-length"] == "50000")
                #expect(response.body == file.bytes)
            }
        }
    }
}
