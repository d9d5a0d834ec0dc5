import Backends
import Compression
import Digests
import Engine
import Support
import Synchronization
import Testing

/// The acceptance list A16.10: the metadata beside a wheel.
@Suite(.timeLimit(.minutes(5))) struct PyPIMetadataAcceptanceTests {
    private static let path = "\(PyPIFileBench.path).metadata"
    private static let url = "\(PyPIFileBench.url).metadata"
    private static let metadata = PyPIFileBench.metadata

    private static func wheel(
        _ more: [ZipBuilder.Member] = [], folder: String = "foo_bar-1.dist-info",
        metadata: [UInt8] = metadata
    ) throws -> [UInt8] {
        try ZipBuilder(
            [.init("foo_bar/__init__.py", [UInt8](repeating: 7, count: 70_000), isDeflated: false)]
                + [.init("\(folder)/METADATA", metadata), .init("\(folder)/RECORD", [])] + more
        ).bytes()
    }

    @Test("A16.10 metadata asked for alone is served, verified and kept")
    func alone() async throws {
        try await Bench.run(PyPIFileBench().bench()) { bench in
            bench.upstream.set(Self.url, .init(pieces: [[1, 2, 3]]))
            let wrong = try await bench.get(Self.path)
            #expect(wrong.isBroken || wrong.status == 502)
            await bench.idle()
            bench.upstream.set(Self.url, .init(pieces: [Self.metadata]))
            for _ in 0..<2 {
                let got = try await bench.get(Self.path)
                #expect(got.status == 200 && got.body == Self.metadata && !got.isBroken)
                await bench.idle()
            }
            #expect(bench.upstream.requests(of: Self.url).count == 2)
            #expect(bench.upstream.requests(of: PyPIFileBench.url).isEmpty)
        }
    }

    @Test("A16.10 metadata that is announced and 404 upstream is taken out of the wheel, once")
    func extracted() async throws {
        for announced in [PyPIFileBench().announced, #","core-metadata":true"#] {
            let files = PyPIFileBench(bytes: try Self.wheel(), announced: announced)
            try await Bench.run(files.bench()) { bench in
                bench.upstream.set(Self.url, .init(status: 404))
                var tags: Set<String?> = []
                for _ in 0..<3 {
                    let got = try await bench.get(Self.path)
                    #expect(got.status == 200 && got.body == Self.metadata && !got.isBroken)
                    tags.insert(got.field("ETag"))
                    await bench.idle()
                }
                #expect(
                    tags == ["\"\(BlobDigest.of(Self.metadata).hex)\""]
                        || announced.hasSuffix("true"))
                let wheel = try await bench.get(PyPIFileBench.path)
                #expect(wheel.body == files.bytes)
                #expect(bench.upstream.requests(of: Self.url).count == 1)
                #expect(bench.upstream.requests(of: PyPIFileBench.url).count == 1)
            }
        }
    }

    @Test("A16.10 many ask for the missing metadata and the wheel at once: one fetch of each")
    func together() async throws {
        let files = PyPIFileBench(bytes: try Self.wheel())
        try await Bench.run(files.bench()) { bench in
            bench.upstream.set(Self.url, .init(status: 404))
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for index in 0..<20 {
                    let path = index.isMultiple(of: 2) ? Self.path : PyPIFileBench.path
                    group.addTask { try await bench.get(path).body }
                }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(bodies == [files.bytes, Self.metadata])
            #expect(bench.upstream.requests(of: Self.url).count == 1)
            #expect(bench.upstream.requests(of: PyPIFileBench.url).count == 1)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let wheel: @Sendable () throws -> [UInt8]
    }

    static let bad: [Row] = [
        Row(testDescription: "another hash") { try wheel(metadata: [1, 2, 3]) },
        Row(testDescription: "another project's folder") { try wheel(folder: "bar-1.dist-info") },
        Row(testDescription: "a folder further down") {
            try wheel(folder: "x/foo_bar-1.dist-info")
        },
        Row(testDescription: "two folders") {
            try wheel([.init("Foo.Bar-1.dist-info/METADATA", metadata)])
        },
        Row(testDescription: "no archive") { TestFile("x", byteCount: 100_000).bytes },
        Row(testDescription: "a cut archive") { try wheel().dropLast(1) },
        Row(testDescription: "a bomb") {
            try wheel(metadata: [UInt8](repeating: 0, count: 9 << 20))
        },
    ]

    @Test("A16.10 a wheel without the promised metadata is a 404", arguments: bad)
    func withoutMetadata(_ row: Row) async throws {
        let files = PyPIFileBench(bytes: try row.wheel())
        try await Bench.run(files.bench()) { bench in
            bench.upstream.set(Self.url, .init(status: 404))
            for _ in 0..<2 { #expect(try await bench.get(Self.path).status == 404) }
            #expect(bench.upstream.requests(of: Self.url).count == 1)
            let wheel = try await bench.get(PyPIFileBench.path)
            #expect(wheel.body == files.bytes)
        }
    }

    @Test("A16.10 a wheel that cannot be had: 404 when there is none, 502 or 503 in an outage")
    func withoutWheel() async throws {
        for (script, statuses) in [
            (FakeUpstream.Script(status: 404), [404]), (.init(pieces: [[1]]), [404]),
            (.init(failure: .unreachable(code: 7)), [502, 503]), (.init(status: 500), [502, 503]),
        ] {
            try await Bench.run(PyPIFileBench().bench()) { bench in
                bench.upstream.set(Self.url, .init(status: 404))
                bench.upstream.set(PyPIFileBench.url, script)
                let got = try await bench.get(Self.path)
                #expect(statuses.contains(got.status))
            }
        }
    }

    @Test("A16.10 metadata that is not announced is a 404, and nobody is asked for it")
    func notAnnounced() async throws {
        let files = PyPIFileBench(bytes: try Self.wheel(), announced: "")
        try await Bench.run(files.bench()) { bench in
            let got = try await bench.get(Self.path)
            #expect(got.status == 404 && bench.upstream.requestCount == 1)
        }
    }

    @Test("metadata of a wheel that the full disk does not take is refused at once")
    func fullDisk() async throws {
        for (faults, isFollower) in [
            (FaultyBlobs.Faults(failsToStage: true), false), (.init(room: 2_000_000), false),
            (.init(failsToStage: true), true),
        ] {
            let padding = [UInt8](repeating: 7, count: 4_000_000)
            let wheel = try Self.wheel([.init("z", padding, isDeflated: false)])
            let files = PyPIFileBench(bytes: wheel)
            try await Bench.run(files.bench()) { bench in
                bench.upstream.set(Self.url, .init(status: 404))
                #expect(try await bench.get(PyPIFileBench.page).status == 200)
                bench.blobs.faults.withLock { $0 = faults }
                // One who follows the wheel and reads nothing.
                if isFollower { _ = try await bench.reply(PyPIFileBench.path) }
                let got = try await bench.get(Self.path)
                #expect(got.status == 503)
                // The wheel itself can be had all the same.
                #expect(try await bench.get(PyPIFileBench.path).body == files.bytes)
                #expect(bench.upstream.requests(of: PyPIFileBench.url).count == 1)
            }
        }
    }
}
