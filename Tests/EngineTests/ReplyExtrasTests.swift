import Engine
import HTTPModel
import Support
import Testing

/// Fields that an ecosystem adds to its answers, and OPTIONS; pypi A10.
@Suite(.timeLimit(.minutes(5))) struct ReplyExtrasTests {
    private static let page = "/pypi/simple/foo-bar/"
    private static let upstream = "\(PyPIBench.simple)foo-bar/"
    private static let text = #"{"meta":{"api-version":"1.0"},"name":"foo-bar","files":[]}"#

    @Test("CORS fields once on every answer: 200, 304, 301, 404, 405")
    func crossOrigin() async throws {
        let bench = PyPIBench.bench()
        bench.upstream.set(Self.upstream, PyPIBench.page())
        try await Bench.run(bench) { bench in
            let page = try await bench.get(Self.page)
            let answers = [
                page, try await bench.get(Self.page) { $0.ifNoneMatch = page.field("ETag") },
                try await bench.get("/pypi/simple/Foo"), try await bench.get("/pypi/simple/-/"),
                try await bench.get(Self.page) { $0.method = .post },
            ]
            #expect(answers.map(\.status) == [200, 304, 301, 404, 405])
            for answer in answers {
                let origins = answer.fields.ranges(of: "Access-Control-Allow-Origin: *\r\n")
                #expect(origins.count == 1, "\(answer.status)")
                #expect(
                    answer.field("Access-Control-Expose-Headers") == "ETag, X-PyPI-Last-Serial")
            }
            #expect(answers.last?.field("Allow") == "GET, HEAD, OPTIONS")
        }
    }

    @Test("OPTIONS is 204 below PyPI, asks nobody, and is no method elsewhere")
    func options() async throws {
        try await Bench.run(PyPIBench.bench()) { bench in
            for path in [Self.page, "/pypi/simple/", "/pypi/packages/foo-1.zip", "/pypi/x"] {
                let got = try await bench.get(path) { $0.method = .options }
                #expect(got.status == 204 && got.body.isEmpty)
                #expect(got.field("Allow") == "GET, HEAD, OPTIONS")
                #expect(got.field("Access-Control-Allow-Origin") == "*")
                #expect(got.field("Access-Control-Allow-Methods") == "GET, HEAD")
                #expect(
                    got.field("Access-Control-Allow-Headers")?.contains("If-None-Match") == true)
                #expect(got.field("Access-Control-Max-Age") == "86400")
            }
            #expect(bench.upstream.requestCount == 0)
        }
        try await Bench.run(Bench()) { bench in
            let got = try await bench.get("/t/doc/p") { $0.method = .options }
            #expect(got.status == 405 && got.field("Allow") == "GET, HEAD")
            #expect(got.field("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test("the upstream's serial is passed on with 200 and 304, renewed by its 304, never invented")
    func serial() async throws {
        let bench = PyPIBench.bench()
        var script = PyPIBench.answer(Self.text, [(name: "x-pypi-last-serial", value: "41")])
        script.tag = "\"v1\""
        bench.upstream.set(Self.upstream, script)
        bench.upstream.set("\(PyPIBench.simple)other/", .init(status: 404))
        try await Bench.run(bench) { [script] bench in
            let page = try await bench.get(Self.page)
            #expect(page.field("X-PyPI-Last-Serial") == "41")
            let same = try await bench.get(Self.page) { $0.ifNoneMatch = page.field("ETag") }
            #expect(same.status == 304 && same.field("X-PyPI-Last-Serial") == "41")
            let absent = try await bench.get("/pypi/simple/other/")
            #expect(absent.field("X-PyPI-Last-Serial") == nil)
            var renewed = script
            renewed.headers = [(name: "X-PyPI-Last-Serial", value: "42")]
            bench.upstream.set(Self.upstream, renewed)
            bench.time.advance(seconds: 301)
            let later = try await bench.get(Self.page)
            #expect(later.field("X-PyPI-Last-Serial") == "42")
            #expect(later.field("ETag") == page.field("ETag"))
        }
    }
}
