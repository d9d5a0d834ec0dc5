import Backends
import Compression
import Engine
import Foundation
import HTTPModel
import Support
import Testing

/// The acceptance list 2.14 of npm for documents; `NPMTransferAcceptanceTests` has the rest.
@Suite("npm 2.14, documents", .timeLimit(.minutes(5))) struct NPMAcceptanceTests {
    @Test("npm 2.14 point 1: the two forms have their own types, from one document")
    func forms() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            let full = try await bench.get("/npm/n") { $0.accept = "application/json" }
            let short = try await bench.get("/npm/n") { $0.accept = NPMBench.abbreviated }
            #expect(full.status == 200 && short.status == 200)
            #expect(full.field("Content-Type") == "application/json")
            #expect(short.field("Content-Type") == "application/vnd.npm.install-v1+json")
            #expect(full.text.contains(#""readme":"About n""#) && !short.text.contains("readme"))
            #expect(short.text.contains(#""time":{"modified":"#))
            for got in [full, short] {
                #expect(got.field("Vary")?.hasPrefix("Accept, Accept-Encoding") == true)
                #expect(got.field("Last-Modified") == "Sat, 10 Oct 2020 12:34:57 GMT")
                #expect(got.field("Cache-Control")?.contains("max-age=300") == true)
                #expect(got.field("Cache-Control")?.contains("must-revalidate") == false)
            }
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test("npm 2.14 point 2: every spelling of a scope is one entry and one upstream request")
    func spellings() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            var bodies: Set<String> = []
            for path in ["@s/n", "@s%2fn", "@s%2Fn", "%40s%2Fn", "%40s/n"] {
                let got = try await bench.get("/npm/\(path)")
                #expect(got.status == 200)
                bodies.insert(got.text)
            }
            #expect(bodies.count == 1)
            #expect(bodies.first?.contains("\(NPMBench.base)@s/n/-/n-1.1.0.tgz") == true)
            #expect(bench.upstream.requests(of: NPMBench.url(of: "@s/n")).count == 1)
            #expect(bench.upstream.requestCount == 1)
            let upper = try await bench.get("/npm/@S/n")
            #expect(upper.status != 200)
        }
    }

    @Test("npm 2.14 point 3: a tag for each form, the same for both codings; 304 for its own alone")
    func tags() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            func get(_ accept: String, _ coding: String?, _ tag: String?) async throws -> Bench.Got
            {
                try await bench.get("/npm/n") {
                    $0.accept = accept
                    $0.acceptEncoding = coding
                    $0.ifNoneMatch = tag
                }
            }
            var tags: [String] = []
            for accept in ["*/*", NPMBench.abbreviated] {
                let plain = try await get(accept, nil, nil)
                let coded = try await get(accept, "gzip", nil)
                let tag = try #require(plain.field("ETag"))
                #expect(tag.hasPrefix("W/\"") && coded.field("ETag") == tag)
                #expect(coded.field("Content-Encoding") == "gzip")
                let unpacked = try gunzip(
                    coded.body, limits: ExpansionLimits(outputByteCount: 1 << 20))
                #expect(unpacked == plain.body)
                for coding in [nil, "gzip"] {
                    let unchanged = try await get(accept, coding, tag)
                    #expect(unchanged.status == 304 && unchanged.body.isEmpty)
                    #expect(unchanged.field("ETag") == tag)
                    #expect(unchanged.field("Last-Modified") != nil)
                }
                tags.append(tag)
            }
            #expect(tags[0] != tags[1])
            #expect(try await get("*/*", nil, tags[1]).status == 200)
            #expect(try await get(NPMBench.abbreviated, nil, tags[0]).status == 200)
            // A date alone never says that nothing has changed.
            let dated = try await bench.get("/npm/n") {
                $0.ifModifiedSince = "Sat, 10 Oct 2020 12:34:57 GMT"
            }
            #expect(dated.status == 200)
        }
    }

    @Test("npm 2.14 point 4: every tarball's URL is ours, with the base that the client used")
    func urls() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            for path in ["/npm/n", "/npm/n/latest"] {
                let got = try await bench.get(path)
                #expect(got.text.contains("\(NPMBench.base)n/-/n-1.1.0.tgz"))
                #expect(!got.text.contains("registry.example"))
            }
            let named = try await bench.get("/npm/n") { $0.host = "127.0.0.1:8080" }
            #expect(named.text.contains("\"http://127.0.0.1:8080/npm/n/-/n-1.0.0.tgz\""))
            let foreign = try await bench.get("/npm/n") { $0.host = "evil.example" }
            #expect(foreign.status == 421 && foreign.text.contains("allowed_hosts"))
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test(
        "npm 2.14 point 6: of what the registry takes away, old packages stay, young ones do not",
        arguments: [("1970-01-05", true), ("1970-02-15", false)])
    func withdrawn(_ day: String, _ isKept: Bool) async throws {
        let bench = NPMBench.bench()
        let text = NPMBench.packument("n").replacing("2020-10-09", with: day)
        bench.upstream.set(NPMBench.url(of: "n"), NPMBench.answer(text))
        bench.time.advance(seconds: 40 * 86_400)
        try await Bench.run(bench) { bench in
            let before = try await bench.get("/npm/n")
            #expect(before.status == 200)
            #expect(try await bench.get("/npm/n/-/n-1.1.0.tgz").status == 200)
            await bench.idle()
            bench.time.advance(seconds: 1_000)
            bench.upstream.set(NPMBench.url(of: "n"), .init(status: 404))
            bench.upstream.set(NPMBench.tarball(of: "n"), .init(status: 404))
            for path in ["n", "n", "n/latest", "n/-/n-1.1.0.tgz"] {
                let got = try await bench.get("/npm/\(path)")
                #expect(got.status == (isKept ? 200 : 404), "\(path)")
                if !isKept { #expect(got.text.hasPrefix(#"{"error":"#)) }
            }
            guard isKept else { return }
            #expect(try await bench.get("/npm/n").body == before.body)
            let file = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(file.body == NPMBench.file.bytes)
        }
    }

    @Test("npm 2.14 point 6: in an outage what is stored is served; a 404 is not covered by it")
    func outage() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            let before = try await bench.get("/npm/n")
            #expect(try await bench.get("/npm/n/-/n-1.1.0.tgz").status == 200)
            await bench.idle()
            bench.time.advance(seconds: 1_000)
            bench.upstream.set(NPMBench.url(of: "n"), .init(failure: .unreachable(code: 7)))
            bench.upstream.set(NPMBench.tarball(of: "n"), .init(failure: .unreachable(code: 7)))
            for accept in ["*/*", NPMBench.abbreviated] {
                let stale = try await bench.get("/npm/n") { $0.accept = accept }
                #expect(stale.status == 200)
                if accept == "*/*" { #expect(stale.body == before.body) }
            }
            let file = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(file.body == NPMBench.file.bytes)
            let missing = try await bench.get("/npm/other")
            #expect((502...504).contains(missing.status) && missing.text.hasPrefix(#"{"error":"#))
        }
        try await Bench.run(NPMBench.bench()) { bench in
            bench.upstream.set(NPMBench.url(of: "gone"), .init(status: 404))
            let absent = try await bench.get("/npm/gone")
            #expect(absent.status == 404 && absent.text.hasPrefix(#"{"error":"#))
            #expect(absent.field("Content-Type") == "application/json")
        }
    }

    @Test("npm 2.14 point 7: a 304 renews the age: many requests after it, one to the upstream")
    func renewal() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            _ = try await bench.get("/npm/n")
            for round in 2...3 {
                bench.time.advance(seconds: 400)
                for _ in 0..<10 {
                    for accept in ["*/*", NPMBench.abbreviated] {
                        #expect(try await bench.get("/npm/n") { $0.accept = accept }.status == 200)
                    }
                }
                await bench.idle()
                #expect(bench.upstream.requestCount == round)
            }
            let last = try #require(bench.upstream.requests(of: NPMBench.url(of: "n")).last)
            #expect(last.ifNoneMatch == "\"1\"")
        }
    }

    @Test("npm 2.14 point 9: 100 parallel cold requests for both forms are one upstream fetch")
    func parallel() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await bench.get("/npm/n") {
                            $0.accept = number % 2 == 0 ? "*/*" : NPMBench.abbreviated
                            $0.acceptEncoding = number % 3 == 0 ? "gzip" : nil
                        }.status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test("npm 2.14 point 14: corepack's three paths, from the stored document")
    func corepack() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            for (path, version) in [
                ("n/latest", "1.1.0"), ("n/1.0.0", "1.0.0"), ("@s/n/1.1.0", "1.1.0"),
            ] {
                let got = try await bench.get("/npm/\(path)")
                #expect(got.status == 200)
                #expect(
                    got.text.hasPrefix(#"{"name":"#)
                        && got.text.contains(#""version":"\#(version)""#))
                #expect(got.field("Content-Type") == "application/json")
            }
            let tags = try await bench.get("/npm/-/package/n/dist-tags")
            #expect(tags.text == #"{"latest":"1.1.0"}"#)
            #expect(bench.upstream.requestCount == 2)
            let unknown = try await bench.get("/npm/n/9.9.9")
            #expect(unknown.status == 404 && unknown.text.hasPrefix(#"{"error":"#))
        }
    }

    @Test("npm 2.14 point 15: unpublished, holding, long-name and upper-case documents are served")
    func oddities() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../ecosystems/npm/Fixtures").standardized
        for file in [
            "code-snippet.unpublished.json", "webpack.js.org.security-holding.json",
            "long-name.full.json", "JSON.full.json",
        ] {
            let content = try Data(contentsOf: folder.appending(path: file))
            let read = try JSONSerialization.jsonObject(with: content)
            let name = try #require((read as? [String: Any])?["name"] as? String)
            let bench = NPMBench.bench()
            bench.upstream.set(
                NPMBench.url(of: name),
                NPMBench.answer(String(decoding: content, as: UTF8.self)))
            try await Bench.run(bench) { bench in
                for accept in ["*/*", NPMBench.abbreviated] {
                    let got = try await bench.get("/npm/\(name)") { $0.accept = accept }
                    #expect(got.status == 200, "\(file)")
                    #expect(got.text.contains("\"\(name)\""))
                }
            }
        }
    }
}
