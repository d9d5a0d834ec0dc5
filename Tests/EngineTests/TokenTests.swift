import Backends
import Engine
import HTTPModel
import Support
import Testing

/// Tokens that a registry wants before it gives anything.
@Suite(.timeLimit(.minutes(5))) struct TokenTests {
    private typealias Chart = RegistryBench.Chart

    private static let registry = AbsoluteURL("https://registry.example/")?.origin

    private static func answer(_ token: String, seconds: Int = 300) -> FakeUpstream.Script {
        RegistryBench.text("{\"token\":\"\(token)\",\"expires_in\":\(seconds)}")
    }

    @Test("a token is asked for once, and shown to the registry only")
    func flow() async throws {
        let chart = Chart("1.0.0")
        try await Bench.run(RegistryBench.bench([chart], token: "t0")) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.status == 200 && got.body == chart.bytes)
            let tokens = bench.upstream.requests(of: RegistryBench.tokenURL)
            #expect(tokens.count == 1 && tokens.allSatisfy { $0.token == nil })
            #expect(bench.upstream.requests(of: chart.manifestURL).count == 2)
            let blobs = bench.upstream.requests(of: chart.blobURL)
            #expect(blobs.count == 1 && blobs.first?.token?.origin == Self.registry)
            #expect(blobs.first.map { "\($0)" }?.contains("t0") == false)
            #expect(bench.upstream.requests(of: RegistryBench.index).allSatisfy { $0.token == nil })
        }
    }

    @Test("twenty files that wait at once ask for one token")
    func crowd() async throws {
        let charts = (0..<20).map { Chart("1.0.\($0)") }
        let bench = RegistryBench.bench(charts, token: "t0")
        let gate = Gate()
        var script = Self.answer("t0")
        script.gate = gate
        bench.upstream.set(RegistryBench.tokenURL, script)
        try await Bench.run(bench) { bench in
            let got = try await withThrowingTaskGroup(of: Bool.self) { group in
                for chart in charts {
                    group.addTask { try await bench.get(chart.request).body == chart.bytes }
                }
                let end = ContinuousClock.now + .seconds(20)
                let manifests = RegistryBench.manifestURL("")
                while bench.upstream.urls(below: manifests).count < charts.count,
                    ContinuousClock.now < end
                {
                    await Task.yield()
                }
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(got.count == charts.count && got.allSatisfy { $0 })
            #expect(bench.upstream.requests(of: RegistryBench.tokenURL).count == 1)
        }
    }

    @Test("a token that has ended is not shown, one that is refused is asked for anew once")
    func ended() async throws {
        let charts = (0..<4).map { Chart("1.0.\($0)") }
        let bench = RegistryBench.bench(charts, token: "t0")
        bench.upstream.set(
            RegistryBench.tokenURL, Self.answer("t0", seconds: 60), Self.answer("t0"),
            Self.answer("t1"))
        try await Bench.run(bench) { bench in
            var counts: [Int] = []
            func get(_ chart: Chart) async throws -> Int {
                let got = try await bench.get(chart.request)
                counts.append(bench.upstream.requests(of: RegistryBench.tokenURL).count)
                return got.status
            }
            let first = try await get(charts[0])
            #expect(first == 200)
            bench.time.advance(seconds: 51)
            #expect(try await get(charts[1]) == 200)
            #expect(bench.upstream.requests(of: charts[1].manifestURL).first?.token == nil)
            for chart in charts[2...] {
                bench.upstream.set(
                    chart.manifestURL, RegistryBench.text(chart.manifest, token: "t1"))
                bench.upstream.set(chart.blobURL, RegistryBench.bytes(chart.bytes, token: "t1"))
            }
            #expect(try await get(charts[2]) == 200)
            bench.upstream.set(
                charts[3].manifestURL, RegistryBench.text(charts[3].manifest, token: "other"))
            #expect(try await get(charts[3]) == 403)
            #expect(counts == [1, 2, 3, 4])
        }
    }

    @Test("a body that breaks off after its token has ended goes on with a new one")
    func resumed() async throws {
        let chart = Chart("1.0.0")
        let bench = RegistryBench.bench([chart], token: "t0")
        bench.upstream.set(RegistryBench.tokenURL, Self.answer("t0"), Self.answer("t1"))
        let half = chart.bytes.count / 2
        var first = RegistryBench.bytes(Array(chart.bytes[..<half]), token: "t0")
        first.tag = "\"c\""
        first.byteCount = chart.bytes.count
        first.ending = .truncated
        var rest = RegistryBench.bytes(Array(chart.bytes[half...]), token: "t1")
        rest.status = 206
        rest.tag = "\"c\""
        let last = chart.bytes.count - 1
        rest.headers = [("content-range", "bytes \(half)-\(last)/\(chart.bytes.count)")]
        bench.upstream.set(chart.blobURL, first, rest)
        try await Bench.run(bench) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.status == 200 && got.body == chart.bytes)
            let shown = bench.upstream.requests(of: chart.blobURL).map {
                $0.credential(for: $0.url)?.authorization
            }
            #expect(shown == ["Bearer t0", "Bearer t0", "Bearer t1"])
        }
    }

    @Test("a realm that gives a token again is well again")
    func realmHeals() async throws {
        let charts = (0..<5).map { Chart("1.0.\($0)") }
        let bench = RegistryBench.bench(charts, token: "t0", hosts: ["auth.example"])
        for chart in charts {
            var script = RegistryBench.text(chart.manifest, token: "t0")
            script.challenge = #"Bearer realm="https://auth.example/token",service="r""#
            bench.upstream.set(chart.manifestURL, script)
        }
        let realm =
            "https://auth.example/token?service=r&scope=repository:charts/demo:pull"
        bench.upstream.set(realm, .init(failure: .unreachable(code: 7)))
        try await Bench.run(bench) { bench in
            for chart in charts.prefix(3) {
                let down = try await bench.get(chart.request)
                #expect(down.status == 503)
            }
            #expect(bench.engine.outages.map(\.upstream) == ["helm/acme auth.example"])
            bench.upstream.set(realm, Self.answer("t0"))
            bench.time.advance(seconds: 60)
            #expect(try await bench.get(charts[4].request).status == 200)
            #expect(bench.engine.outages == [])
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var challenge = #"Bearer realm="https://auth.example/token",service="r""#
        var hosts: Set<String> = []
        /// Where the challenge comes from after redirects.
        var finalURL: String?
        var answer: FakeUpstream.Script = TokenTests.answer("t0")
        let status: Int
        var tokenCount = 0
    }

    static let rows: [Row] = [
        .init(testDescription: "a realm on another host", status: 403),
        .init(
            testDescription: "a realm on a listed host", hosts: ["auth.example"], status: 200,
            tokenCount: 1),
        .init(
            testDescription: "a realm in the clear",
            challenge: #"Bearer realm="http://auth.example/token",service="r""#,
            hosts: ["auth.example"], status: 403),
        .init(testDescription: "no challenge", challenge: "Basic realm=\"x\"", status: 403),
        .init(
            testDescription: "a challenge from where the registry redirects to",
            hosts: ["auth.example"], finalURL: "https://cdn.example/x", status: 403),
        .init(
            testDescription: "a realm that refuses", hosts: ["auth.example"],
            answer: .init(status: 401), status: 403, tokenCount: 1),
        .init(
            testDescription: "a realm without a token", hosts: ["auth.example"],
            answer: RegistryBench.text("{}"), status: 502, tokenCount: 1),
        .init(
            testDescription: "a realm that sends too much", hosts: ["auth.example"],
            answer: .init(pieces: [[UInt8](repeating: 0x20, count: 65_537)]), status: 502,
            tokenCount: 1),
        .init(
            testDescription: "a realm that is overloaded", hosts: ["auth.example"],
            answer: .init(status: 429), status: 503, tokenCount: 3),
        .init(
            testDescription: "a realm that is down", hosts: ["auth.example"],
            answer: .init(failure: .unreachable(code: 7)), status: 503, tokenCount: 3),
    ]

    @Test("only the registry's own realm is asked, or a listed one", arguments: rows)
    func realms(_ row: Row) async throws {
        let chart = Chart("1.0.0")
        let bench = RegistryBench.bench([chart], token: "t0", hosts: row.hosts)
        var manifest = RegistryBench.text(chart.manifest, token: "t0")
        manifest.challenge = row.challenge
        manifest.finalURL = row.finalURL.flatMap { AbsoluteURL($0) }
        bench.upstream.set(chart.manifestURL, manifest)
        let url = "https://auth.example/token?service=r&scope=repository:charts/demo:pull"
        bench.upstream.set(url, row.answer)
        try await Bench.run(bench) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.status == row.status)
            let asked = bench.upstream.urls(below: "https://auth.example")
            #expect(asked == Array(repeating: url, count: row.tokenCount))
            #expect(bench.upstream.urls(below: "http://auth.example").isEmpty)
            #expect(bench.upstream.requests(of: RegistryBench.tokenURL).isEmpty)
        }
    }

    @Test("the operator's credential buys no token for a registry elsewhere")
    func credential() async throws {
        let chart = Chart("1.0.0")
        let secret = Credential(authorization: "Basic s3cret")
        for (home, isShown) in [(RegistryBench.registry, true), ("https://charts.example", false)] {
            let bench = RegistryBench.bench(
                [chart], token: "t0", home: home, credential: secret)
            var manifest = RegistryBench.text(chart.manifest, token: "t0")
            manifest.challenge = "Bearer realm=\"\(home)/token\""
            bench.upstream.set(chart.manifestURL, manifest)
            let url = "\(home)/token?scope=repository:charts/demo:pull"
            bench.upstream.set(url, Self.answer("t0"))
            try await Bench.run(bench) { bench in
                let got = try await bench.get(chart.request)
                #expect(got.status == 200)
                let asked = bench.upstream.requests(of: url)
                #expect(asked.map { $0.credential(for: $0.url) } == [isShown ? secret : nil])
                let shown = bench.upstream.requests(of: chart.blobURL).map {
                    $0.credential(for: $0.url)?.authorization
                }
                #expect(shown == ["Bearer t0"])
            }
        }
    }
}
