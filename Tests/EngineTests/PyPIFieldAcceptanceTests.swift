import Digests
import Engine
import HTTPModel
import PyPI
import Support
import Testing

/// The acceptance list A16 for what a page says, and for paths of files.
@Suite(.timeLimit(.minutes(5))) struct PyPIFieldAcceptanceTests {
    private static let page = "/pypi/simple/foo-bar/"
    private static let upstream = "\(PyPIBench.simple)foo-bar/"

    private func bench(_ script: FakeUpstream.Script) -> Bench {
        let bench = PyPIBench.bench()
        bench.upstream.set(Self.upstream, script)
        return bench
    }

    private func both(_ bench: Bench) async throws -> (json: String, html: String) {
        (
            try await bench.get(Self.page) { $0.accept = PyPIBench.json }.text,
            try await bench.get(Self.page) { $0.accept = "text/html" }.text
        )
    }

    private static let hash = String(repeating: "ab", count: 32)

    @Test("A16.6 JSON in: every field in JSON and in HTML, unknown keys kept")
    func jsonIn() async throws {
        let files = [
            PyPIBench.file(
                "a-1.zip", #","requires-python":">=3,<4 & '\"","yanked":"naïf <b>","z":[1]"#),
            PyPIBench.file("a-2.zip", #","yanked":"","core-metadata":true"#),
            PyPIBench.file(
                "a-3-py3-none-any.whl",
                #","core-metadata":{"sha256":"\#(Self.hash)"},"provenance":"https://p.example/x""#),
            PyPIBench.file("a-4.zip", #","core-metadata":false,"size":7"#),
        ]
        let status = #""project-status":{"status":"archived"},"x-new":{"k":1},"#
        let script = PyPIBench.page(files.joined(separator: ","), more: status)
        try await Bench.run(bench(script)) { bench in
            let (json, html) = try await both(bench)
            for part in [
                #""url":"../../packages/aa/a-1.zip""#, #""requires-python":">=3,<4 & '\"""#,
                #""yanked":"naïf <b>""#, #""z":[1]"#, #""x-new":{"k":1}"#, #""core-metadata":true"#,
                #""core-metadata":{"sha256":"\#(Self.hash)"}"#, #""core-metadata":false"#,
                #""provenance":"https://p.example/x""#, #""status":"archived""#, #""size":7"#,
            ] { #expect(json.contains(part), "\(part)") }
            for part in [
                #"href="../../packages/aa/a-1.zip""#,
                #"data-requires-python="&gt;=3,&lt;4 &amp; &#x27;&quot;""#,
                #"data-yanked="naïf &lt;b&gt;""#, #"data-yanked="""#,
                #"data-core-metadata="true""#, #"data-core-metadata="sha256=\#(Self.hash)""#,
                #"data-dist-info-metadata="sha256=\#(Self.hash)""#,
                #"data-provenance="https://p.example/x""#,
                #"name="pypi:project-status" content="archived""#,
            ] { #expect(html.contains(part), "\(part)") }
            #expect(!html.contains("files.example") && !json.contains("files.example"))
        }
    }

    @Test("A16.6 HTML in: the same fields in JSON and in HTML")
    func htmlIn() async throws {
        let text = """
            <meta name="pypi:repository-version" content="1.4">
            <meta name="pypi:project-status" content="deprecated">
            <a href="\(PyPIBench.files)aa/a-1.zip#sha256=\(Self.hash)" data-yanked
              data-requires-python="&gt;=3,&lt;4" data-x="1&amp;2">a-1.zip</a>
            <a href="../../packages/a-2-py3-none-any.whl" data-core-metadata="true"
              data-yanked="why &quot;é&quot;">a-2-py3-none-any.whl</a>
            <a href="../../packages/a-3-py3-none-any.whl" data-core-metadata="sha256=\(Self.hash)"
              data-provenance="https://p.example/x">a-3-py3-none-any.whl</a>
            """
        try await Bench.run(bench(PyPIBench.answer(text, type: "text/html"))) { bench in
            let (json, html) = try await both(bench)
            for part in [
                #""sha256":"\#(Self.hash)""#, #""requires-python":">=3,<4""#, #""yanked":true"#,
                #""yanked":"why \"é\"""#, #""core-metadata":true"#,
                #""core-metadata":{"sha256":"\#(Self.hash)"}"#, #""status":"deprecated""#,
                #""provenance":"https://p.example/x""#,
            ] { #expect(json.contains(part), "\(part)") }
            for part in [
                "a-1.zip#sha256=\(Self.hash)\"", #"data-requires-python="&gt;=3,&lt;4""#,
                #"data-yanked="""#, #"data-yanked="why &quot;é&quot;""#, #"data-x="1&amp;2""#,
                #"data-core-metadata="true""#, #"data-core-metadata="sha256=\#(Self.hash)""#,
                #"content="deprecated""#,
            ] { #expect(html.contains(part), "\(part)") }
        }
    }

    @Test("A16.7 nothing leaves that kills a client")
    func deadly() async throws {
        let sha1 = #""hashes":{"sha1":"\#(String(repeating: "a", count: 40))"}"#
        let files = [
            PyPIBench.file(
                "a-1.zip", #","dist-info-metadata":true,"size":null,"upload-time":null"#),
            PyPIBench.file("a-2.zip", #","core-metadata":false,"gpg-sig":null"#),
            PyPIBench.file("a-3.zip").replacing(#""hashes":{}"#, with: sha1),
        ]
        try await Bench.run(bench(PyPIBench.page(files.joined(separator: ",")))) { bench in
            let (json, html) = try await both(bench)
            #expect(!json.contains("dist-info-metadata"))
            #expect(!json.contains(#""size":null"#) && !json.contains(#""upload-time":null"#))
            #expect(!html.contains("\"false\"") && !html.contains("#sha1"))
            #expect(json.contains(sha1))
        }
    }

    @Test("A16.8 API version 2 is 502 without a copy, and the copy with one")
    func version2() async throws {
        let second = PyPIBench.answer(
            #"{"meta":{"api-version":"2.0"},"name":"foo-bar","files":[]}"#)
        try await Bench.run(bench(second)) { bench in
            let got = try await bench.get(Self.page)
            #expect(got.status == 502)
        }
        try await Bench.run(bench(PyPIBench.page())) { bench in
            let fresh = try await bench.get(Self.page)
            bench.upstream.set(Self.upstream, second)
            bench.time.advance(seconds: 301)
            let stale = try await bench.get(Self.page)
            #expect(stale.status == 200 && stale.body == fresh.body)
            #expect(stale.field("Cache-Control") == "public, max-age=0")
        }
    }

    @Test("A16.9 a cold file by its path alone: its page says its digest; then no traffic")
    func coldFile() async throws {
        let file = TestFile("x", byteCount: 100_000)
        let name = "foo_bar-1-py3-none-any.whl"
        let hashes = #""hashes":{"sha256":"\#(file.digest.hex)"}"#
        let entry = PyPIBench.file(name).replacing(#""hashes":{}"#, with: hashes)
        try await Bench.run(bench(PyPIBench.page(entry))) { bench in
            let path = "/pypi/packages/aa/\(name)"
            bench.upstream.set("\(PyPIBench.files)aa/\(name)", .init(pieces: [[1, 2, 3]]))
            let wrong = try await bench.get(path)
            #expect(wrong.isBroken || wrong.status == 502)
            bench.upstream.set("\(PyPIBench.files)aa/\(name)", .init(pieces: file.pieces))
            for _ in 0..<2 {
                let got = try await bench.get(path)
                #expect(got.status == 200 && got.body == file.bytes && !got.isBroken)
                await bench.idle()
            }
            #expect(bench.upstream.requestCount == 3)
        }
    }

    @Test("A16.11 `+`, `%2B` and `%2b` are one file, and so with `!`; the upstream gets `%2B`")
    func escapes() async throws {
        let name = "foo_bar-1!2.0%2Bcu1-py3-none-any.whl"
        let entry = PyPIBench.file(name.replacing("%2B", with: "+"))
            .replacing("aa/foo_bar-1!2.0+", with: "aa/foo_bar-1%212.0%2B")
        try await Bench.run(bench(PyPIBench.page(entry))) { bench in
            let url = "\(PyPIBench.files)aa/\(name.replacing("!", with: "%21"))"
            bench.upstream.set(url, .init(pieces: [[1, 2, 3]]))
            for spelling in ["+", "%2B", "%2b"] {
                for mark in ["!", "%21"] {
                    let path = name.replacing("%2B", with: spelling).replacing("!", with: mark)
                    let got = try await bench.get("/pypi/packages/aa/\(path)")
                    #expect(got.status == 200 && got.body == [1, 2, 3], "\(path)")
                    await bench.idle()
                }
            }
            #expect(bench.upstream.requests(of: url).count == 1)
            let slash = try await bench.get("/pypi/packages/aa%2Ffoo_bar-1.zip")
            #expect(slash.status == 400)
        }
        #expect(throws: RequestTarget.Fault.self) {
            try RequestTarget(Array("/pypi/packages/%2e%2e/foo_bar-1.zip".utf8))
        }
    }
}
