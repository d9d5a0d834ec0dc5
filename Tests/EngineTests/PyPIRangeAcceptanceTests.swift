import Backends
import Digests
import Engine
import HTTPModel
import Support
import Testing

/// The acceptance list A16.12 and A16.14: parts of files, and transfers that break off.
@Suite(.timeLimit(.minutes(5))) struct PyPIRangeAcceptanceTests {
    private static let files = PyPIFileBench()
    private static let path = PyPIFileBench.path
    private static let url = PyPIFileBench.url
    private static let tag = "\"\(BlobDigest.of(files.bytes).hex)\""

    @Test("A16.12 HEAD says what GET says: page, list, file and metadata, cold and warm")
    func heads() async throws {
        let bench = Self.files.bench()
        bench.upstream.set(
            PyPIBench.simple,
            PyPIBench.answer(#"{"meta":{"api-version":"1.0"},"projects":[]}"#))
        try await Bench.run(bench) { bench in
            for path in [
                PyPIFileBench.page, "/pypi/simple/", Self.path, "\(Self.path).metadata",
            ] {
                let cold = try await bench.get(path) { $0.method = .head }
                await bench.idle()
                let whole = try await bench.get(path)
                let warm = try await bench.get(path) { $0.method = .head }
                for head in [cold, warm] {
                    #expect(head.status == 200, "\(path)")
                    for name in ["ETag", "Content-Type", "Accept-Ranges"] {
                        #expect(head.field(name) == whole.field(name), "\(path) \(name)")
                    }
                }
                let isFile = path.contains("packages")
                #expect(whole.field("Accept-Ranges") == (isFile ? "bytes" : nil))
            }
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let range: String
        var ifRange: String?
        let status: Int
        let part: Range<Int>
        var testDescription: String { "\(range) \(ifRange ?? "")" }
    }

    static let all = 0..<100_000
    static let rows: [Row] = [
        Row(range: "bytes=0-0", status: 206, part: 0..<1),
        Row(range: "bytes=60000-79999", status: 206, part: 60_000..<80_000),
        Row(range: "bytes=99999-", status: 206, part: 99_999..<100_000),
        Row(range: "bytes=-10", status: 206, part: 99_990..<100_000),
        Row(range: "bytes=-200000", status: 206, part: all),
        Row(range: "bytes=50000-500000", status: 206, part: 50_000..<100_000),
        Row(range: "bytes=100000-", status: 416, part: 0..<0),
        Row(range: "bytes=-0", status: 416, part: 0..<0),
        Row(range: "bytes=5-1", status: 200, part: all),
        Row(range: "bytes=0-1,5-6", status: 200, part: all),
        Row(range: "bytes=10-19", ifRange: tag, status: 206, part: 10..<20),
        Row(range: "bytes=10-19", ifRange: "\"other\"", status: 200, part: all),
        Row(range: "bytes=10-19", ifRange: "W/" + tag, status: 200, part: all),
    ]

    @Test(
        "A16.12 ranges a-b, a-, -n, beyond the end, with If-Range: cold and warm", arguments: rows)
    func ranges(_ row: Row) async throws {
        try await Bench.run(Self.files.bench()) { bench in
            for _ in 0..<2 {
                let got = try await bench.get(Self.path) { head in
                    head.range = row.range
                    head.ifRange = row.ifRange
                }
                #expect(got.status == row.status && !got.isBroken)
                #expect(got.body == Array(Self.files.bytes[row.part]))
                #expect(got.field("Accept-Ranges") == "bytes")
                switch row.status {
                case 206:
                    let last = row.part.upperBound - 1
                    let field = "bytes \(row.part.lowerBound)-\(last)/100000"
                    #expect(got.field("Content-Range") == field)
                case 416: #expect(got.field("Content-Range") == "bytes */100000")
                default: #expect(got.field("Content-Range") == nil)
                }
                await bench.idle()
            }
            #expect(bench.upstream.requests(of: Self.url).count == 1)
        }
    }

    // MARK: A16.14

    /// The first half of the file, of an upstream that then breaks off.
    private static func half(
        _ tag: String?, _ fields: [(String, String)] = []
    ) -> FakeUpstream.Script {
        .init(
            headers: fields.map { (name: $0.0, value: $0.1) },
            pieces: Array(files.pieces.prefix(1)), byteCount: files.bytes.count,
            ending: .truncated, tag: tag)
    }

    private static func rest(
        _ tag: String?, _ range: String = "bytes 50000-99999/100000"
    ) -> FakeUpstream.Script {
        .init(
            status: 206, headers: [(name: "content-range", value: range)],
            pieces: Array(files.pieces.dropFirst()), tag: tag)
    }

    @Test("A16.14 a body that is cut short is an error, is not stored, and is asked for again")
    func cut() async throws {
        try await Bench.run(Self.files.bench()) { bench in
            bench.upstream.set(Self.url, Self.half(nil))
            let cut = try await bench.get(Self.path)
            #expect(cut.isBroken || cut.status >= 500)
            await bench.idle()
            bench.upstream.set(Self.url, .init(pieces: Self.files.pieces))
            let whole = try await bench.get(Self.path)
            #expect(whole.status == 200 && whole.body == Self.files.bytes && !whole.isBroken)
            let rests = bench.upstream.requests(of: Self.url).map(\.rest)
            #expect(rests == [nil, nil])
        }
    }

    @Test("A16.14 with a strong tag the rest is asked for, and no client notices")
    func resumed() async throws {
        for rest in [Self.rest("\"a\""), .init(pieces: Self.files.pieces, tag: "\"a\"")] {
            try await Bench.run(Self.files.bench()) { bench in
                bench.upstream.set(Self.url, Self.half("\"a\""), rest)
                let got = try await bench.get(Self.path)
                #expect(got.status == 200 && got.body == Self.files.bytes && !got.isBroken)
                await bench.idle()
                let warm = try await bench.get(Self.path)
                #expect(warm.body == Self.files.bytes)
                let rests = bench.upstream.requests(of: Self.url).map(\.rest)
                #expect(rests == [nil, BodyRest(offset: 50_000, entityTag: "\"a\"")])
            }
        }
    }

    @Test("A16.14 the rest is tried again while the upstream recovers, a few times")
    func recovering() async throws {
        try await Bench.run(Self.files.bench()) { bench in
            bench.upstream.set(
                Self.url, Self.half("\"a\""), .init(failure: .unreachable(code: 7)),
                Self.rest("\"a\""))
            let got = try await bench.get(Self.path)
            #expect(got.body == Self.files.bytes && !got.isBroken)
        }
        try await Bench.run(Self.files.bench()) { bench in
            bench.upstream.set(Self.url, Self.half("\"a\""), .init(status: 503))
            let got = try await bench.get(Self.path)
            #expect(got.isBroken || got.status == 502)
            #expect((3...5).contains(bench.upstream.requests(of: Self.url).count))
        }
    }

    struct Splice: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var first = half("\"a\"")
        let second: FakeUpstream.Script
        /// Whether the rest is asked for at all.
        var isAsked = true
    }

    static let splices: [Splice] = [
        Splice(
            testDescription: "a weak tag", first: half("W/\"a\""), second: rest("W/\"a\""),
            isAsked: false),
        Splice(testDescription: "no tag", first: half(nil), second: rest(nil), isAsked: false),
        Splice(
            testDescription: "no ranges", first: half("\"a\"", [("accept-ranges", "none")]),
            second: rest("\"a\""), isAsked: false),
        Splice(testDescription: "another tag", second: rest("\"b\"")),
        Splice(testDescription: "no tag of the rest", second: rest(nil)),
        Splice(testDescription: "another range", second: rest("\"a\"", "bytes 49999-99998/100000")),
        Splice(
            testDescription: "another length", second: rest("\"a\"", "bytes 50000-99999/100001")),
        Splice(testDescription: "no range", second: rest("\"a\"", "")),
        Splice(
            testDescription: "the whole of something else",
            second: .init(pieces: files.pieces, tag: "\"b\"")),
        Splice(testDescription: "gone", second: .init(status: 404)),
    ]

    @Test(
        "U-8, A16.14: nothing is spliced that is not provably one: the client sees an error",
        arguments: splices)
    func splicing(_ row: Splice) async throws {
        try await Bench.run(Self.files.bench()) { bench in
            bench.upstream.set(Self.url, row.first, row.second)
            let got = try await bench.get(Self.path)
            #expect(got.isBroken || got.status == 502)
            #expect(bench.upstream.requests(of: Self.url).count == (row.isAsked ? 2 : 1))
            await bench.idle()
            bench.upstream.set(Self.url, .init(pieces: Self.files.pieces, tag: "\"b\""))
            let again = try await bench.get(Self.path)
            #expect(again.status == 200 && again.body == Self.files.bytes && !again.isBroken)
        }
    }

    @Test("A16.14 a rest of the same tag with other bytes fails the digest, and is not stored")
    func wrongRest() async throws {
        try await Bench.run(Self.files.bench()) { bench in
            var rest = Self.rest("\"a\"")
            rest.pieces[0][0] ^= 1
            bench.upstream.set(Self.url, Self.half("\"a\""), rest)
            let wrong = try await bench.get(Self.path)
            #expect(wrong.isBroken || wrong.status == 502)
            await bench.idle()
            bench.upstream.set(Self.url, .init(pieces: Self.files.pieces))
            let right = try await bench.get(Self.path)
            #expect(right.body == Self.files.bytes)
        }
    }

    @Test("A16.14 pip's own retry: the rest of a broken download, by range and tag")
    func clientResumes() async throws {
        let files = PyPIFileBench(bytes: TestFile("x", byteCount: 300_000).bytes)
        try await Bench.run(files.bench()) { bench in
            let gate = Gate()
            // The upstream breaks off once the client has a part.
            bench.upstream.set(
                Self.url,
                .init(
                    pieces: [Array(files.bytes[..<200_000])], byteCount: files.bytes.count,
                    ending: .truncated, bodyGate: gate))
            let broken = try await bench.get(Self.path, whenReading: { gate.open() })
            #expect(broken.status == 200 && broken.isBroken && !broken.body.isEmpty)
            await bench.idle()
            bench.upstream.set(Self.url, .init(pieces: files.pieces))
            let rest = try await bench.get(Self.path) { head in
                head.range = "bytes=\(broken.body.count)-"
                head.ifRange = broken.field("ETag")
            }
            #expect(rest.status == 206)
            #expect(broken.body + rest.body == files.bytes)
        }
    }
}
