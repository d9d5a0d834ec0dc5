import Digests
import Ecosystems
import Engine
import HTTPModel
import Helm
import NPM
import Policy
import PyPI
import Support
import Testing

/// Rule G1: every way to an answer asks the policy, whatever is stored and however it is asked for.
@Suite(.timeLimit(.minutes(5))) struct PolicySweepTests {
    /// Something of a blocked release that was served before.
    struct Place: Sendable, CustomTestStringConvertible {
        let path: String
        let bench: @Sendable (PolicyBook) -> Bench
        /// What a document must not hold any more; nil for what is refused altogether.
        var hidden: String?
        var testDescription: String { path }
    }

    /// Every way to ask for it.
    private static let ways: [@Sendable (inout RequestHead) -> Void] = [
        { _ in },
        { $0.method = .head },
        { $0.range = "bytes=0-9" },
        { $0.ifNoneMatch = "*" },
        { $0.acceptEncoding = "gzip" },
    ]

    private static let schemes: [String: any VersionScheme] = [
        "pypi": PythonVersions(), "npm": SemanticVersions(isDated: true),
        "helm": SemanticVersions(isDated: false),
    ]

    static func rules(_ text: String) throws -> PolicyRules {
        var rules = PolicyRules()
        try PolicyFile.read(Array(text.utf8), name: "p", schemes: schemes, into: &rules)
        return rules
    }

    static func book() -> PolicyBook { PolicyBook(schemes: schemes) }

    private static let npm: @Sendable (PolicyBook) -> Bench = { book in
        let bench = Bench(mounts: NPMBench.mounts(), policy: book)
        bench.upstream.set(
            NPMBench.url(of: "n"), NPMBench.answer(NPMBench.packument("n"), tag: "\"1\""))
        bench.upstream.set(NPMBench.tarball(of: "n"), .init(pieces: NPMBench.file.pieces))
        bench.upstream.set(
            NPMBench.registry + "-/npm/v1/attestations/n@1.1.0",
            NPMBench.answer("{\"attestations\":[]}"))
        return bench
    }

    private static let wheel = Array("a wheel, more or less".utf8)
    private static let pypi: @Sendable (PolicyBook) -> Bench = { book in
        let bench = Bench(mounts: [PyPIBench.mount()], policy: book)
        let name = "foo_bar-1.1-py3-none-any.whl"
        let times = ",\"core-metadata\":true,\"upload-time\":\"2020-01-01T00:00:00Z\""
        bench.upstream.set(
            PyPIBench.simple + "foo-bar/",
            PyPIBench.page(
                PyPIBench.file(name, times) + ","
                    + PyPIBench.file("foo_bar-1.0-py3-none-any.whl", times)))
        bench.upstream.set(PyPIBench.files + "aa/\(name)", .init(pieces: [wheel]))
        bench.upstream.set(PyPIBench.files + "aa/\(name).metadata", .init(pieces: [wheel]))
        let file =
            "{\"filename\":\"\(name)\",\"url\":\"https://files.example/packages/aa/\(name)\"}"
        let api =
            "{\"info\":{\"version\":\"1.1\"},\"urls\":[\(file)],\"releases\":{\"1.1\":[\(file)]}}"
        for path in ["foo-bar/json", "foo-bar/1.1/json"] {
            bench.upstream.set(
                "https://index.example/pypi/\(path)",
                PyPIBench.answer(api, type: "application/json"))
        }
        bench.upstream.set(
            "https://index.example/integrity/foo-bar/1.1/\(name)/provenance",
            PyPIBench.answer(
                "{\"attestation_bundles\":[]}", type: "application/vnd.pypi.integrity.v1+json"))
        return bench
    }

    private static let chart = ChartBench.Chart("web", "1.1.0")
    private static let helm: @Sendable (PolicyBook) -> Bench = { book in
        let bench = Bench(mounts: [ChartBench.mount()], policy: book)
        let text = ChartBench.text([chart, ChartBench.Chart("web", "1.0.0")])
        bench.upstream.set(ChartBench.index, .init(pieces: [Array(text.utf8)]))
        bench.upstream.set(chart.url, .init(pieces: [chart.bytes]))
        bench.upstream.set(
            chart.url + ".prov",
            .init(pieces: [Array("-----BEGIN PGP SIGNED MESSAGE-----\n".utf8)]))
        return bench
    }

    private static let pypiFile = "/pypi/packages/aa/foo_bar-1.1-py3-none-any.whl"

    static let places: [Place] = [
        .init(path: "/npm/n/-/n-1.1.0.tgz", bench: npm),
        .init(path: "/n/-/n-1.1.0.tgz", bench: npm),
        .init(path: "/npm/-/npm/v1/attestations/n@1.1.0", bench: npm),
        .init(path: "/npm/n", bench: npm, hidden: "\"1.1.0\":{\"name\""),
        .init(path: "/npm/-/package/n/dist-tags", bench: npm, hidden: "1.1.0"),
        .init(path: pypiFile, bench: pypi),
        .init(path: pypiFile + ".metadata", bench: pypi),
        .init(path: "/pypi/pypi/foo-bar/json", bench: pypi),
        .init(path: "/pypi/pypi/foo-bar/1.1/json", bench: pypi),
        .init(
            path: "/pypi/integrity/foo-bar/1.1/foo_bar-1.1-py3-none-any.whl/provenance",
            bench: pypi),
        .init(path: chart.request, bench: helm),
        .init(path: chart.request + ".prov", bench: helm),
        .init(path: ChartBench.path, bench: helm, hidden: "1.1.0"),
    ]

    private static let blocks = """
        block:
          - {package: "npm:n", versions: "1.1.0", reason: it is bad}
          - {package: "pypi:foo-bar", versions: "1.1", reason: it is bad}
          - {package: "helm:web", versions: "1.1.0", reason: it is bad}
        """

    @Test("what was served before is served no more, in any way", arguments: places)
    func sweep(_ place: Place) async throws {
        let book = Self.book()
        try await Bench.run(place.bench(book)) { bench in
            bench.time.advance(seconds: 1_795_000_000)
            #expect(try await bench.get(place.path).status == 200)
            await bench.idle()
            book.adopt(try Self.rules(Self.blocks))
            try await Self.expectRefused(place, bench)
            // Stale, and no upstream.
            bench.time.advance(seconds: 100_000)
            bench.upstream.failAll()
            try await Self.expectRefused(place, bench)
            book.adopt(PolicyRules())
            #expect(try await bench.get(place.path).status == 200)
        }
        // Another server with the same stores, and a policy from its start.
        let strict = PolicyBook(schemes: Self.schemes, rules: try Self.rules(Self.blocks))
        try await Bench.run(place.bench(strict)) { bench in
            bench.time.advance(seconds: 1_795_000_000)
            try await Self.expectRefused(place, bench)
        }
    }

    private static func expectRefused(_ place: Place, _ bench: Bench) async throws {
        for way in ways {
            let got = try await bench.get(place.path, way)
            guard let hidden = place.hidden else {
                #expect(got.status == 403)
                #expect(got.field("ETag") == nil)
                continue
            }
            #expect(got.status == 200 || got.status == 304 || got.status == 206)
            #expect(!got.text.contains(hidden))
        }
        guard place.hidden == nil else { return }
        let got = try await bench.get(place.path)
        #expect(got.text.contains("refused by policy (blocked): it is bad"))
        #expect(got.field("Cache-Control") == "no-store")
    }

    @Test("where the policy only watches, everything is served and told")
    func dryRun() async throws {
        let book = Self.book()
        var rules = try Self.rules(Self.blocks)
        rules.mode = .dryRun
        book.adopt(rules)
        try await Bench.run(Self.npm(book)) { bench in
            bench.time.advance(seconds: 1_795_000_000)
            let (reply, got) = try await bench.reply("/npm/n/-/n-1.1.0.tgz")
            #expect(got.status == 200)
            #expect(reply.record.policy?.rule == .blocked)
            #expect(try await bench.get("/npm/n").text.contains("\"1.1.0\":{\"name\""))
        }
    }

    @Test("a chart whose archive does not bear its name is refused like one that may be it")
    func unnamed() async throws {
        let book = Self.book()
        let text = ChartBench.text([Self.chart, ChartBench.Chart("web", "1.0.0")])
            .replacing("web-1.1.0.tgz", with: "bad.tgz")
            .replacing("web-1.0.0.tgz", with: "good.tgz")
        try await Bench.run(Self.helm(book)) { bench in
            bench.upstream.set(ChartBench.index, .init(pieces: [Array(text.utf8)]))
            let url = Self.chart.url.replacing("web-1.1.0.tgz", with: "bad.tgz")
            bench.upstream.set(url, .init(pieces: [Self.chart.bytes]))
            let good = ChartBench.Chart("web", "1.0.0")
            bench.upstream.set(
                good.url.replacing("web-1.0.0.tgz", with: "good.tgz"),
                .init(pieces: [good.bytes]))
            let bad = Self.chart.request.replacing("web-1.1.0.tgz", with: "bad.tgz")
            bench.time.advance(seconds: 1_795_000_000)
            #expect(try await bench.get(bad).status == 200)
            await bench.idle()
            book.adopt(try Self.rules(Self.blocks))
            #expect(try await bench.get(bad).status == 403)
            let other = good.request.replacing("web-1.0.0.tgz", with: "good.tgz")
            #expect(try await bench.get(other).status == 200)
        }
    }

    @Test("a refused file is not asked for upstream")
    func notFetched() async throws {
        let book = PolicyBook(schemes: Self.schemes, rules: try Self.rules(Self.blocks))
        try await Bench.run(Self.npm(book)) { bench in
            bench.time.advance(seconds: 1_795_000_000)
            let got = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(got.status == 403)
            #expect(bench.upstream.requests(of: NPMBench.tarball(of: "n")).isEmpty)
        }
    }
}
