import Engine
import HTTPModel
import PyPI
import Support
import Testing

/// The acceptance list A16 for pages: negotiation, redirects, validators, freshness.
@Suite(.timeLimit(.minutes(5))) struct PyPIPageAcceptanceTests {
    private static let page = "/pypi/simple/foo-bar/"
    private static let upstream = "\(PyPIBench.simple)foo-bar/"

    private func bench(_ script: FakeUpstream.Script = PyPIBench.page()) -> Bench {
        let bench = PyPIBench.bench()
        bench.upstream.set(Self.upstream, script)
        return bench
    }

    struct Row: Sendable {
        let accept: String?
        let type: String

        init(_ accept: String?, _ type: String) {
            self.accept = accept?.replacing("J", with: PyPIBench.json)
                .replacing("H", with: PyPIBench.html)
            self.type = type
        }
    }

    static let text = "text/html; charset=utf-8"
    static let rows: [Row] = [
        Row(nil, text), Row("", text), Row("*/*", text), Row("text/html", text),
        Row("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", text),
        Row("J, H; q=0.1, text/html; q=0.01", PyPIBench.json),
        Row("J, H;q=0.2, text/html;q=0.01", PyPIBench.json),
        Row("J, */*;q=0.1", PyPIBench.json),
        Row("H;q=0.2, J, text/html;q=0.01", PyPIBench.json),
        Row("H", "\(PyPIBench.html); charset=utf-8"),
        Row("J, H, text/html", text), Row("J;q=0, */*", text),
        Row("application/vnd.pypi.simple.latest+json", PyPIBench.json),
        Row("application/json", text), Row("application/vnd.pypi.simple.v2+json", text),
        Row("image/png", text),
    ]

    @Test("A16.1 the form for each Accept, with and without format, from one stored page")
    func negotiation() async throws {
        try await Bench.run(bench()) { bench in
            for row in Self.rows {
                let got = try await bench.get(Self.page) { $0.accept = row.accept }
                #expect(got.status == 200)
                #expect(got.field("Content-Type") == row.type, "\(row.accept ?? "none")")
                let named = try await bench.get("\(Self.page)?format=\(PyPIBench.json)") {
                    $0.accept = row.accept
                }
                #expect(named.field("Content-Type") == PyPIBench.json)
            }
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test("A16.1 the list of projects: every form from one stored list; its limit holds")
    func list() async throws {
        let text = #"{"meta":{"api-version":"1.0"},"projects":[{"name":"Foo.Bar"}]}"#
        let bench = PyPIBench.bench()
        bench.upstream.set(PyPIBench.simple, PyPIBench.answer(text))
        try await Bench.run(bench) { bench in
            for row in Self.rows {
                let got = try await bench.get("/pypi/simple/") { $0.accept = row.accept }
                #expect(got.field("Content-Type") == row.type, "\(row.accept ?? "none")")
                #expect(got.field("Vary") == "Accept, Accept-Encoding")
                #expect(got.text.contains("Foo.Bar"))
            }
            let named = try await bench.get("/pypi/simple/?format=\(PyPIBench.json)")
            #expect(named.text == text)
            #expect(bench.upstream.requestCount == 1)
        }
        let small = Bench(mounts: [PyPIBench.mount()]) { $0.documentByteLimit = 20 }
        small.upstream.set(PyPIBench.simple, PyPIBench.answer(text))
        try await Bench.run(small) { bench in
            let got = try await bench.get("/pypi/simple/")
            #expect(got.status == 502)
        }
    }

    @Test("A16.2 Vary on 200, 304, 301, 404 and 502; types in lower case")
    func varies() async throws {
        try await Bench.run(bench()) { bench in
            let page = try await bench.get(Self.page)
            let tag = page.field("ETag")
            bench.upstream.set("\(PyPIBench.simple)gone/", .init(status: 404))
            bench.upstream.set("\(PyPIBench.simple)ill/", .init(status: 500))
            let answers: [(Int, Bench.Got)] = [
                (200, page), (304, try await bench.get(Self.page) { $0.ifNoneMatch = tag }),
                (301, try await bench.get("/pypi/simple/Foo.Bar")),
                (404, try await bench.get("/pypi/simple/gone/")),
                (404, try await bench.get("/pypi/simple/-bad-/")),
                (406, try await bench.get("\(Self.page)?format=json")),
                (502, try await bench.get("/pypi/simple/ill/")),
            ]
            for (status, got) in answers {
                #expect(got.status == status)
                let vary = got.field("Vary") ?? ""
                #expect(vary.hasPrefix("Accept, Accept-Encoding"), "\(status)")
                // A page holds URLs of ours: those of provenance.
                #expect(vary.contains("Host") == [200, 304].contains(status), "\(status)")
                let type = got.field("Content-Type")
                #expect(type == type?.asciiLowercased, "\(status)")
            }
        }
    }

    @Test("A16.3 one redirect to the normal name, query kept; bad names ask nobody")
    func redirects() async throws {
        try await Bench.run(bench()) { bench in
            for (path, location) in [
                ("/pypi/simple/Foo.Bar", "foo-bar/"), ("/pypi/simple/foo_bar/", "../foo-bar/"),
                ("/pypi/simple/foo-bar", "foo-bar/"),
                ("/pypi/simple/Foo__bar/?a=b&c", "../foo-bar/?a=b&c"),
            ] {
                let got = try await bench.get(path)
                #expect(got.status == 301)
                #expect(got.field("Location") == location)
            }
            for name in ["-foo", "foo-", "f%C3%B6o", "a@b", ".x"] {
                #expect(try await bench.get("/pypi/simple/\(name)/").status == 404)
            }
            #expect(bench.upstream.requestCount == 0)
            #expect(try await bench.get(Self.page).status == 200)
        }
    }

    @Test("A16.4 strong tags, one for each form and coding, unchanged by a refresh")
    func tags() async throws {
        let many = (0..<50).map { PyPIBench.file("foo_bar-1.\($0).zip") }.joined(separator: ",")
        try await Bench.run(bench(PyPIBench.page(many))) { bench in
            var tags: [String: String] = [:]
            for round in 0..<2 {
                for accept in [PyPIBench.json, "text/html"] {
                    for coding in ["identity", "gzip"] {
                        let got = try await bench.get(Self.page) { head in
                            head.accept = accept
                            head.acceptEncoding = coding
                        }
                        let tag = try #require(got.field("ETag"))
                        #expect(tag.hasPrefix("\""))
                        let old = tags.updateValue(tag, forKey: "\(accept) \(coding)")
                        #expect(round == 0 ? old == nil : old == tag)
                        let same = try await bench.get(Self.page) { head in
                            head.accept = accept
                            head.acceptEncoding = coding
                            head.ifNoneMatch = tag
                        }
                        #expect(same.status == 304 && same.field("ETag") == tag)
                        #expect(same.field("Cache-Control") != nil && same.field("Vary") != nil)
                    }
                }
                bench.time.advance(seconds: 301)
            }
            #expect(Set(tags.values).count == 4)
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("A16.5 max-age counts down, and no Age whatever the upstream sends")
    func ages() async throws {
        let text = #"{"meta":{"api-version":"1.0"},"name":"foo-bar","files":[]}"#
        let fields = [("Age", "5000"), ("Cache-Control", "max-age=200, public")]
        try await Bench.run(bench(PyPIBench.answer(text, fields))) { bench in
            for (seconds, left) in [(0, 200), (150, 50), (49, 1)] {
                bench.time.advance(seconds: Int64(seconds))
                let got = try await bench.get(Self.page)
                #expect(got.field("Cache-Control") == "public, max-age=\(left)")
                #expect(got.field("Age") == nil)
            }
            #expect(bench.upstream.requestCount == 1)
        }
    }
}

extension PyPIBench {
    fileprivate static func answer(
        _ text: String, _ headers: [(String, String)]
    ) -> FakeUpstream.Script {
        answer(text, type: json, headers.map { (name: $0.0, value: $0.1) })
    }
}
