import Backends
import Compression
import Engine
import HTTPModel
import Support
import Testing

/// The acceptance list 2.14 of npm for tarballs, services and scopes.
@Suite("npm 2.14, tarballs and services", .timeLimit(.minutes(5)))
struct NPMTransferAcceptanceTests {
    private static let path = "/npm/n/-/n-1.1.0.tgz"
    private static let bulk = "/npm/-/npm/v1/security/advisories/bulk"
    private static let bulkURL = "\(NPMBench.registry)-/npm/v1/security/advisories/bulk"

    @Test(
        "npm 2.14 point 8: wrong, short and long bodies never end normally, and are never kept",
        arguments: [
            ("wrong", [UInt8](repeating: 7, count: 100_000)),
            ("short", [UInt8](NPMBench.file.bytes.dropLast())), ("long", NPMBench.file.bytes + [0]),
            ("empty", []),
        ])
    func badBodies(_ name: String, _ bytes: [UInt8]) async throws {
        for hasLength in [true, false] {
            try await Bench.run(NPMBench.bench()) { bench in
                let bad = FakeUpstream.Script(
                    pieces: bytes.isEmpty ? [] : [bytes], hasLength: hasLength)
                bench.upstream.set(NPMBench.tarball(of: "n"), bad)
                for _ in 0..<2 {
                    let got = try await bench.get(Self.path)
                    #expect(got.isBroken || got.status >= 500, "\(name)")
                    #expect(got.field("Content-Type") != "application/octet-stream" || got.isBroken)
                    await bench.idle()
                }
                bench.upstream.set(NPMBench.tarball(of: "n"), .init(pieces: NPMBench.file.pieces))
                let good = try await bench.get(Self.path)
                #expect(good.status == 200 && good.body == NPMBench.file.bytes && !good.isBroken)
                #expect(good.field("Content-Type") == "application/octet-stream")
                #expect(good.field("Content-Encoding") == nil)
                #expect(good.field("Cache-Control") == "public, max-age=31536000, immutable")
            }
        }
    }

    @Test("npm 2.14 point 8: a small body that breaks off upstream is fetched again, unnoticed")
    func brokenOff() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            bench.upstream.set(
                NPMBench.tarball(of: "n"),
                .init(
                    pieces: [Array(NPMBench.file.bytes.prefix(40_000))], byteCount: 100_000,
                    ending: .unreachable(code: 56)),
                .init(pieces: NPMBench.file.pieces))
            let got = try await bench.get(Self.path)
            #expect(got.status == 200 && got.body == NPMBench.file.bytes && !got.isBroken)
        }
    }

    @Test("npm 2.14 point 11: ci on an empty cache: tarballs alone, by small manifests")
    func coldTarballs() async throws {
        let bench = NPMBench.bench()
        let digest = try #require(
            NPMBench.packument("@s/n").split(separator: "\"").dropFirst().last {
                $0.utf8.count == 40
            })
        bench.upstream.set(
            "\(NPMBench.url(of: "@s/n"))/1.1.0",
            NPMBench.answer(NPMBench.manifest("@s/n", "1.1.0", #""shasum":"\#(digest)""#)))
        try await Bench.run(bench) { bench in
            let got = try await bench.get("/npm/@s/n/-/n-1.1.0.tgz")
            #expect(got.status == 200 && got.body == NPMBench.file.bytes)
            #expect(bench.upstream.requests(of: NPMBench.url(of: "@s/n")).isEmpty)
            // Without a manifest, the whole document says where the file is.
            let whole = try await bench.get(Self.path)
            #expect(whole.status == 200 && whole.body == NPMBench.file.bytes)
            #expect(bench.upstream.requests(of: NPMBench.url(of: "n")).count == 1)
        }
    }

    @Test(
        "npm 2.14 point 11: tarballs where clients look for them that have lost the mount",
        arguments: ["/n/-/n-1.1.0.tgz", "/npm/npm/n/-/n-1.1.0.tgz", "/npm/n/download/n-1.1.0.tgz"])
    func aliases(_ path: String) async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            let first = try await bench.get(Self.path)
            let alias = try await bench.get(path)
            #expect(alias.status == 200 && alias.body == first.body)
            #expect(alias.field("ETag") == first.field("ETag"))
            #expect(bench.upstream.requests(of: NPMBench.tarball(of: "n")).count == 1)
        }
    }

    @Test("npm 2.14 point 12: an audit's gzip body goes on unread; the upstream's failure is no {}")
    func audit() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            let body = try gzip(Array(#"{"n":["1.1.0"]}"#.utf8))
            bench.upstream.set(Self.bulkURL, NPMBench.answer(#"{"n":[]}"#))
            let got = try await bench.send(.post, Self.bulk, bytes: body) {
                $0.contentEncoding = "gzip"
                $0.contentType = "application/json"
            }
            #expect(got.status == 200 && got.text == #"{"n":[]}"#)
            let sent = try #require(bench.upstream.requests(of: Self.bulkURL).first?.content)
            #expect(sent.bytes == body && sent.contentEncoding == "gzip")
            for script in [
                FakeUpstream.Script(failure: .unreachable(code: 7)), .init(status: 500),
                .init(status: 503),
            ] {
                bench.upstream.set(Self.bulkURL, script)
                let failed = try await bench.send(.post, Self.bulk, bytes: body)
                #expect(failed.status >= 500, "\(script.status)")
                #expect(failed.text != "{}")
            }
        }
    }

    @Test("npm 2.14 point 13: what writes is answered 405 with Allow, without an upstream")
    func writes() async throws {
        try await Bench.run(NPMBench.bench()) { bench in
            let rows: [(HTTPModel.Method, String)] = [
                (.other, "/npm/n"), (.other, "/npm/@s%2fn"), (.post, "/npm/n"),
                (.other, "/npm/n/-rev/1-2"), (.other, "/npm/-/package/n/dist-tags/next"),
                (.post, "/npm/-/v1/login"), (.other, "/npm/-/user/org.couchdb.user:me"),
                (.other, Self.path), (.post, "/n/-/n-1.1.0.tgz"),
            ]
            for (method, path) in rows {
                let got = try await bench.send(method, path, body: "{}")
                #expect(got.status == 405, "\(path)")
                #expect(got.field("Allow") == "GET, HEAD", "\(path)")
                #expect(got.text.hasPrefix(#"{"error":"#), "\(path)")
            }
            let audit = try await bench.get(Self.bulk)
            #expect(audit.status == 405 && audit.field("Allow") == "POST")
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("services: own answers, stored answers, and errors as JSON")
    func services() async throws {
        let bench = NPMBench.bench()
        let keys = "\(NPMBench.registry)-/npm/v1/keys"
        bench.upstream.set(keys, NPMBench.answer(#"{"keys":[{"keyid":"SHA256:x"}]}"#))
        try await Bench.run(bench) { bench in
            for (path, status) in [("-/ping", 200), ("", 200), ("-/whoami", 401), ("-/all", 404)] {
                let got = try await bench.get("/npm/\(path)")
                #expect(got.status == status, "\(path)")
                #expect(got.text.hasPrefix(status == 200 ? "{}" : #"{"error":"#))
                #expect(got.field("Content-Type") == "application/json")
            }
            #expect(bench.upstream.requestCount == 0)
            #expect(try await bench.get("/npm/-/npm/v1/keys").text.contains("SHA256:x"))
            await bench.idle()
            bench.upstream.set(keys, .init(failure: .unreachable(code: 7)))
            for seconds in [80_000, 80_000] as [Int64] {
                bench.time.advance(seconds: seconds)
                #expect(try await bench.get("/npm/-/npm/v1/keys").status == 200)
            }
        }
    }

    @Test("a scope with a registry of its own is never asked anywhere else")
    func scopes() async throws {
        let bench = NPMBench.bench(scopes: ["@acme": "https://acme.example/npm/"])
        let own = "https://acme.example/npm/@acme%2fn"
        let text = NPMBench.packument("@acme/n")
            .replacing(NPMBench.registry, with: "https://acme.example/npm/")
        bench.upstream.set(own, NPMBench.answer(text))
        let file = "https://acme.example/npm/@acme/n/-/n-1.1.0.tgz"
        bench.upstream.set(file, .init(pieces: NPMBench.file.pieces))
        bench.upstream.set(Self.bulkURL, NPMBench.answer("{}"))
        try await Bench.run(bench) { bench in
            for path in ["@acme/n", "@acme%2fn", "@acme/n/latest"] {
                let got = try await bench.get("/npm/\(path)")
                #expect(got.status == 200, "\(path)")
                #expect(got.text.contains("\(NPMBench.base)@acme/n/-/n-1.1.0.tgz"))
            }
            #expect(try await bench.get("/npm/@acme/n/-/n-1.1.0.tgz").status == 200)
            #expect(try await bench.get("/@acme/n/-/n-1.1.0.tgz").status == 200)
            #expect(try await bench.get("/npm/@acme/absent").status != 200)
            #expect(try await bench.get("/npm/-/v1/search?text=@acme/n").status == 200)
            _ = try await bench.send(
                .post, Self.bulk, bytes: try gzip(Array(#"{"@acme/n":["1"],"n":["1"]}"#.utf8))
            ) { $0.contentEncoding = "gzip" }
            let sent = try #require(bench.upstream.requests(of: Self.bulkURL).first?.content)
            #expect(String(decoding: sent.bytes, as: UTF8.self) == #"{"n":["1"]}"#)
            #expect(sent.contentEncoding == nil)
            #expect(bench.upstream.requests(of: own).count == 1)
            #expect(bench.upstream.requests(of: file).count == 1)
            for path in [
                "npm/@ACME/n", "npm/@Acme%2fn/latest", "npm/@ACME/n/-/n-1.1.0.tgz",
                "npm/-/package/@ACME/n/dist-tags", "npm/-/npm/v1/attestations/@ACME%2fn@1.1.0",
                "@ACME/n/-/n-1.1.0.tgz",
            ] {
                #expect(try await bench.get("/\(path)").status == 404, "\(path)")
            }
            await bench.idle()
            let asked = bench.upstream.urls(below: NPMBench.registry)
            #expect(asked == [Self.bulkURL])
            #expect(!asked.contains { $0.lowercased().contains("acme") })
        }
    }
}
