import Backends
import HTTPModel
import Support
import Testing
import Upstream

/// The hostile upstream itself: what each of its faults looks like to a client.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    enum Sight: Sendable, Hashable {
        case answer(status: Int, bytes: [UInt8])
        case error(UpstreamError)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let fault: Fault
        let sight: Sight
        var testDescription: String { "\(fault)" }

        init(_ fault: Fault, _ sight: Sight) {
            self.fault = fault
            self.sight = sight
        }

        init(_ fault: Fault, _ error: UpstreamError) { self.init(fault, .error(error)) }

        init(_ fault: Fault, status: Int = 200, _ bytes: [UInt8]) {
            self.init(fault, .answer(status: status, bytes: bytes))
        }
    }

    private static let right = Array("0123456789".utf8)

    static let rows: [Row] = [
        Row(.refused, .unreachable(code: 7)),
        Row(.unaccepted, .timedOut(.connect)),
        Row(.blackhole, .timedOut(.head)),
        Row(.reset, .unreachable(code: 56)),
        Row(.endlessHeaders, .tooLarge),
        Row(.wrongProtocol, .malformed),
        Row(.cut(afterByteCount: 4, .reset), .truncated),
        Row(.cut(afterByteCount: 4, .close), .truncated),
        Row(.cut(afterByteCount: 4, .stall), .timedOut(.body)),
        Row(.drip(byteCount: 1, milliseconds: 1_000), .timedOut(.body)),
        Row(.declaring(more: 1), .truncated),
        Row(.declaring(more: -1), Array(right.dropLast())),
        Row(.longer(by: 2), right + [0, 0]),
        Row(.shorter(by: 2), Array(right.dropLast(2))),
        Row(.wrongFirstByte, [~0x30] + right.dropFirst()),
        Row(.wrongLastByte, right.dropLast() + [~0x39]),
        Row(.otherBytes, right.map(~)),
        Row(.endlessBody, .tooLarge),
        Row(.brokenGzip, .malformed),
        Row(.gzipBomb, .tooLarge),
        Row(.status(500), status: 500, []),
        Row(.busy(429, retryAfter: "7"), status: 429, []),
        Row(.redirect(to: "http://169.254.169.254/"), .redirectRefused),
        Row(.redirectLoop, .redirectRefused),
        Row(.unaskedNotModified, status: 304, []),
        Row(.unaskedPartial, status: 206, Array(right.prefix(5))),
        Row(.replaced([1, 2]), [1, 2]),
    ]

    @Test("each fault is what it says, and the right answer comes after it", arguments: rows)
    func sight(_ row: Row) async throws {
        let fetching = try Fetching()
        fetching.origin.route("/a", .entity(.bytes(Self.right), tag: "\"a\""))
        try fetching.origin.fail(row.fault)
        var request = fetching.request("/a", coding: .gzip, bodyBytes: 1 << 20)
        // An answer that is waited for may be late on a busy machine.
        let patience: Duration =
            if case .answer = row.sight { .seconds(10) } else { .milliseconds(500) }
        request.limits.connect = patience
        request.limits.firstByte = patience
        request.limits.pause = patience
        let seen: Sight
        do throws(UpstreamError) {
            let response = try await fetching.client.fetch(request)
            seen = .answer(status: response.status, bytes: try await response.body.whole())
        } catch {
            seen = .error(error)
        }
        #expect(seen == row.sight)
        try fetching.origin.fail(nil)
        // A byte too many may come late, before the next answer on a connection that is kept.
        let first = try? await fetching.body(fetching.request("/a"))
        let second = try await fetching.body(fetching.request("/a"))
        #expect(first == nil || first == Self.right)
        #expect(second == Self.right)
    }

    @Test("a fault of some paths leaves the others alone, and the longest pattern counts")
    func patterns() async throws {
        let fetching = try Fetching()
        for path in ["/a/1", "/a/2", "/b"] { fetching.origin.route(path, .text(path)) }
        try fetching.origin.fail(.status(500), at: "/a/*")
        try fetching.origin.fail(.status(502), at: "/a/2")
        let expected = ["/a/1": 500, "/a/2": 502, "/b": 200]
        for (path, status) in expected {
            #expect(try await fetching.fetch(path).status == status)
        }
        try fetching.origin.fail(nil, at: "/a/*")
        #expect(try await fetching.fetch("/a/1").status == 200)
        #expect(try await fetching.fetch("/a/2").status == 502)
        #expect(throws: OriginStub.NotOfOnePath.self) {
            try fetching.origin.fail(.refused, at: "/b")
        }
    }

    @Test(
        "faults as words",
        arguments: [
            ("blackhole", Fault.blackhole), ("status=503", .status(503)),
            ("busy=429", .busy(429, retryAfter: nil)),
            ("busy=503/60", .busy(503, retryAfter: "60")),
            ("drip=1/100", .drip(byteCount: 1, milliseconds: 100)),
            ("stall=9", .cut(afterByteCount: 9, .stall)), ("declaring=-3", .declaring(more: -3)),
            ("redirect=http://a.example/?b=c", .redirect(to: "http://a.example/?b=c")),
            ("", nil), ("nonsense", nil), ("status", nil), ("status=99", nil), ("cut=-1", nil),
            ("drip=1", nil), ("drip=0/1", nil), ("longer=1/2", nil), ("blackhole=1", nil),
        ] as [(String, Fault?)])
    func words(_ text: String, _ fault: Fault?) {
        #expect(Fault(text) == fault)
    }
}
