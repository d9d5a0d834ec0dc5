import Backends
import Digests
import Engine
import HTTPModel
import PyPI
import Support
import Testing

/// The acceptance list A16 for files, for many clients at once, and for an index in trouble.
@Suite(.timeLimit(.minutes(5))) struct PyPITransferAcceptanceTests {
    private static let page = "/pypi/simple/foo-bar/"
    private static let upstream = "\(PyPIBench.simple)foo-bar/"
    private static let wheel = "foo_bar-1-py3-none-any.whl"
    private static let path = "/pypi/packages/aa/\(wheel)"
    private static let url = "\(PyPIBench.files)aa/\(wheel)"
    private static let file = TestFile("x", byteCount: 100_000)
    private static let metadata = Array("Metadata-Version: 2.1\nName: foo-bar\n".utf8)

    /// A page with one wheel and its metadata, both with their digests.
    private func bench(_ more: String = "") -> Bench {
        let bench = PyPIBench.bench()
        bench.upstream.set(Self.upstream, Self.pageScript(more))
        bench.upstream.set(Self.url, .init(pieces: Self.file.pieces))
        bench.upstream.set("\(Self.url).metadata", .init(pieces: [Self.metadata]))
        return bench
    }

    private static func pageScript(_ more: String = "") -> FakeUpstream.Script {
        let digest = BlobDigest.of(metadata).hex
        let entry = PyPIBench.file(wheel, #","core-metadata":{"sha256":"\#(digest)"}\#(more)"#)
            .replacing(#""hashes":{}"#, with: #""hashes":{"sha256":"\#(file.digest.hex)"}"#)
        return PyPIBench.page(entry)
    }

    @Test("A16.13 20 parallel cold requests: one for the page, one for the file")
    func parallel() async throws {
        for path in [Self.page, Self.path] {
            try await Bench.run(bench()) { bench in
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<20 { group.addTask { try await bench.get(path).status } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses == Array(repeating: 200, count: 20))
                #expect(bench.upstream.requests(of: Self.upstream).count == 1)
                #expect(bench.upstream.requests(of: Self.url).count == (path == Self.path ? 1 : 0))
            }
        }
    }

    static let troubles: [FakeUpstream.Script] = [
        .init(status: 500), .init(status: 503), .init(failure: .timedOut(.head)),
        .init(failure: .unreachable(code: 7)),
        PyPIBench.answer("<html>log in</html>", type: "text/html"),
        PyPIBench.answer("garbage"), PyPIBench.answer("{}"),
    ]

    @Test(
        "A16.15 trouble: the held page with max-age=0, else 502 or 503; 404 is short",
        arguments: troubles.indices)
    func trouble(_ index: Int) async throws {
        let trouble = Self.troubles[index]
        try await Bench.run(bench()) { bench in
            bench.upstream.set("\(PyPIBench.simple)ill/", trouble)
            let error = try await bench.get("/pypi/simple/ill/")
            #expect([502, 503].contains(error.status))
        }
        try await Bench.run(bench()) { bench in
            let fresh = try await bench.get(Self.page)
            bench.upstream.set(Self.upstream, trouble)
            bench.time.advance(seconds: 301)
            let stale = try await bench.get(Self.page)
            #expect(stale.status == 200 && stale.body == fresh.body)
            #expect(stale.field("Cache-Control") == "public, max-age=0")
        }
        try await Bench.run(bench()) { bench in
            bench.upstream.set("\(PyPIBench.simple)new/", .init(status: 404))
            let absent = try await bench.get("/pypi/simple/new/")
            #expect(absent.status == 404)
            bench.upstream.set(
                "\(PyPIBench.simple)new/",
                PyPIBench.answer(#"{"meta":{"api-version":"1.0"},"name":"new","files":[]}"#))
            bench.time.advance(seconds: 60)
            let present = try await bench.get("/pypi/simple/new/")
            #expect(present.status == 200)
        }
    }

    @Test("A16.16 yank and un-yank show when the page is stale; the file is served all along")
    func yank() async throws {
        try await Bench.run(bench()) { bench in
            #expect(try await bench.get(Self.path).body == Self.file.bytes)
            for (more, isYanked) in [(#","yanked":"bad""#, true), ("", false)] {
                bench.upstream.set(Self.upstream, Self.pageScript(more))
                bench.time.advance(seconds: 301)
                let page = try await bench.get(Self.page)
                #expect(page.text.contains("data-yanked=\"bad\"") == isYanked)
                #expect(try await bench.get(Self.path).body == Self.file.bytes)
            }
        }
    }

    @Test(
        "A16.16 a deleted project: an old one stays installable, a young one is 404 with its files",
        arguments: [true, false])
    func deleted(_ isOld: Bool) async throws {
        let bench = bench(#","upload-time":"1970-01-12T00:00:00Z""#)
        if isOld { bench.time.advance(seconds: 31 * 86_400) }
        try await Bench.run(bench) { bench in
            #expect(try await bench.get(Self.path).body == Self.file.bytes)
            #expect(try await bench.get(Self.page).status == 200)
            bench.upstream.set(Self.upstream, .init(status: 404))
            bench.time.advance(seconds: 301)
            let page = try await bench.get(Self.page)
            let file = try await bench.get(Self.path)
            #expect(page.status == (isOld ? 200 : 404))
            #expect(file.status == (isOld ? 200 : 404))
            if isOld {
                #expect(page.field("Cache-Status")?.contains("withdrawn") == true)
                #expect(file.body == Self.file.bytes)
            }
        }
    }

    @Test("A16.18 no address of ours or of the upstream in a page: Host and prefix do not matter")
    func relative() async throws {
        try await Bench.run(bench()) { bench in
            for accept in ["text/html", PyPIBench.json] {
                var bodies: Set<[UInt8]> = []
                for host in ["127.0.0.1:8080", "packages.example", nil] {
                    let got = try await bench.get(Self.page) { head in
                        head.host = host
                        head.accept = accept
                    }
                    bodies.insert(got.body)
                    #expect(got.text.contains("../../packages/aa/\(Self.wheel)"))
                    #expect(!got.text.contains("://"))
                }
                #expect(bodies.count == 1)
            }
        }
    }
}
