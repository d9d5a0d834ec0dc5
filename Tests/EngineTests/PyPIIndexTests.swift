import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import PyPI
import Support
import Testing

/// Several indexes, each below a mount of its own.
@Suite(.timeLimit(.minutes(5))) struct PyPIIndexTests {
    private static let wheels = "https://wheels.example/whl/cpu/"
    private static let cdn = "https://cdn.example/whl/cpu/"
    private static let hash = TestFile("x", byteCount: 9)

    /// The usual index, and one with pages of HTML and files on another host, as PyTorch has.
    private func bench() throws -> Bench {
        let simple = try #require(AbsoluteURL(Self.wheels))
        let upstream = try #require(
            PyPIUpstream(simple: simple, hosts: ["cdn.example"], forbidden: .absent))
        let bench = PyPIBench.bench(also: [PyPIBench.mount(["pypi", "torch"], upstream)])
        let page = """
            <a href="\(Self.cdn)torch-2.4.0%2Bcpu-py3-none-any.whl#sha256=\(Self.hash.digest.hex)"
            >torch-2.4.0+cpu-py3-none-any.whl</a>
            <a href="/whl/cpu/torch-2.3.0%2Bcpu-py3-none-any.whl">torch-2.3.0+cpu-py3-none-any.whl</a>
            <a href="https://stranger.example/torch-1.0.zip">torch-1.0.zip</a>
            """
        bench.upstream.set("\(Self.wheels)torch/", PyPIBench.answer(page, type: "text/html"))
        bench.upstream.set("\(Self.wheels)nothing/", .init(status: 403))
        bench.upstream.set(
            "\(PyPIBench.simple)torch/",
            PyPIBench.answer(#"{"meta":{"api-version":"1.0"},"name":"torch","files":[]}"#))
        bench.upstream.set("\(PyPIBench.simple)nothing/", .init(status: 403))
        return bench
    }

    @Test("A16.17 an index with files on several hosts: those allowed are served, 403 is 404")
    func multipleHosts() async throws {
        try await Bench.run(bench()) { bench in
            let page = try await bench.get("/pypi/torch/simple/torch/")
            let name = "torch-2.4.0%2Bcpu-py3-none-any.whl"
            #expect(page.text.contains("../../files/cdn.example/whl/cpu/\(name)#sha256="))
            #expect(page.text.contains("../../files/wheels.example/whl/cpu/torch-2.3.0%2Bcpu"))
            #expect(page.text.contains("https://stranger.example/torch-1.0.zip"))
            bench.upstream.set(Self.cdn + name, .init(pieces: Self.hash.pieces))
            for _ in 0..<2 {
                let file = try await bench.get("/pypi/torch/files/cdn.example/whl/cpu/\(name)")
                #expect(file.status == 200 && file.body == Self.hash.bytes)
                await bench.idle()
            }
            #expect(bench.upstream.requests(of: Self.cdn + name).count == 1)
            #expect(
                try await bench.get("/pypi/torch/files/stranger.example/torch-1.0.zip").status
                    == 404)
            #expect(try await bench.get("/pypi/torch/simple/nothing/").status == 404)
            #expect(try await bench.get("/pypi/simple/nothing/").status == 403)
        }
    }

    /// A link without a hash cannot be verified: what was first seen is pinned, so nobody is asked
    /// again whether it changed, and other bytes are refused (docs/architecture.md, "pin").
    @Test("A16.17 a file without a hash is what was first seen, also when its bytes were lost")
    func unhashed() async throws {
        let name = "torch-2.3.0%2Bcpu-py3-none-any.whl"
        let path = "/pypi/torch/files/wheels.example/whl/cpu/\(name)"
        let other = TestFile("x", byteCount: 10)
        try await Bench.run(bench()) { bench in
            bench.upstream.set(Self.wheels + name, .init(pieces: Self.hash.pieces))
            for _ in 0..<2 {
                let got = try await bench.get(path)
                #expect(got.status == 200 && got.body == Self.hash.bytes)
                await bench.idle()
            }
            bench.time.advance(seconds: 86_400)
            bench.upstream.set(Self.wheels + name, .init(pieces: other.pieces))
            let later = try await bench.get(path)
            #expect(later.body == Self.hash.bytes)
            #expect(bench.upstream.requests(of: Self.wheels + name).count == 1)
            try await bench.blobs.delete(Self.hash.digest)
            let changed = try await bench.get(path)
            #expect(changed.isBroken || changed.status == 502)
            await bench.idle()
            bench.upstream.set(Self.wheels + name, .init(pieces: Self.hash.pieces))
            let back = try await bench.get(path)
            #expect(back.status == 200 && back.body == Self.hash.bytes)
        }
    }

    @Test("A16.17 another hash for a URL: neither the old bytes as the new file, nor the new ones")
    func changedHash() async throws {
        let name = "torch-2.4.0%2Bcpu-py3-none-any.whl"
        let path = "/pypi/torch/files/cdn.example/whl/cpu/\(name)"
        let other = TestFile("x", byteCount: 10)
        try await Bench.run(bench()) { bench in
            bench.upstream.set(Self.cdn + name, .init(pieces: Self.hash.pieces))
            let first = try await bench.get(path)
            #expect(first.body == Self.hash.bytes)
            await bench.idle()
            bench.upstream.set(Self.cdn + name, .init(pieces: other.pieces))
            let link = """
                <a href="\(Self.cdn)\(name)#sha256=\(other.digest.hex)">x</a>
                <a href="torch-2.5.0-py3-none-any.whl">y</a>
                """
            bench.upstream.set("\(Self.wheels)torch/", PyPIBench.answer(link, type: "text/html"))
            bench.time.advance(seconds: 301)
            let page = try await bench.get("/pypi/torch/simple/torch/")
            #expect(page.text.contains(other.digest.hex))
            for _ in 0..<2 {
                let refused = try await bench.get(path)
                #expect(refused.isBroken || refused.status == 502)
                await bench.idle()
            }
        }
    }

    @Test("two indexes do not mix: one name, two pages, each from its own upstream")
    func separate() async throws {
        try await Bench.run(bench()) { bench in
            let usual = try await bench.get("/pypi/simple/torch/")
            let named = try await bench.get("/pypi/torch/simple/torch/")
            #expect(usual.status == 200 && named.status == 200)
            #expect(!usual.text.contains("torch-2.4.0") && named.text.contains("torch-2.4.0"))
            #expect(bench.upstream.requestCount == 2)
        }
    }

    @Test("the JSON API and provenance objects are documents: stored, with tags, 404 when absent")
    func documents() async throws {
        let bench = PyPIBench.bench()
        let json = #"{"info":{"name":"foo"},"urls":[]}"#
        let attestations = #"{"attestation_bundles":[],"version":1}"#
        let file = "integrity/foo/1.0/foo-1.0.zip/provenance"
        let root = "https://index.example/"
        bench.upstream.set("\(root)pypi/foo/json", PyPIBench.answer(json, type: "application/json"))
        bench.upstream.set("\(root)pypi/foo/9/json", .init(status: 404))
        bench.upstream.set(root + file, PyPIBench.answer(attestations))
        try await Bench.run(bench) { bench in
            for path in ["pypi/foo/json", "pypi/foo/json/"] {
                let got = try await bench.get("/pypi/\(path)")
                #expect(got.text == json && got.field("Content-Type") == "application/json")
                #expect(got.field("ETag") != nil)
            }
            let proof = try await bench.get("/pypi/\(file)")
            #expect(proof.text == attestations)
            #expect(proof.field("Content-Type") == "application/vnd.pypi.integrity.v1+json")
            #expect(try await bench.get("/pypi/pypi/foo/9/json").status == 404)
            #expect(bench.upstream.requestCount == 3)
        }
    }

    @Test("an empty page for an unknown name is a 404 where the operator says so")
    func emptyPages() async throws {
        let simple = try #require(AbsoluteURL(Self.wheels))
        let upstream = try #require(PyPIUpstream(simple: simple, empty: .absent))
        let bench = PyPIBench.bench(also: [PyPIBench.mount(["pypi", "nexus"], upstream)])
        let json = #"{"meta":{"api-version":"1.0"},"name":"none","files":[]}"#
        let html = "<html><head><title>Links for none</title></head><h1>Links for none</h1></html>"
        let login = "<html><title>Links for you</title><form action=/login></form></html>"
        try await Bench.run(bench) { bench in
            for (name, text, type, status) in [
                ("none", json, PyPIBench.json, 404), ("None", html, "text/html", 404),
                ("n.one", login, "text/html", 502),
            ] {
                bench.time.advance(seconds: 301)
                bench.upstream.set("\(Self.wheels)none/", PyPIBench.answer(text, type: type))
                let got = try await bench.get("/pypi/nexus/simple/none/")
                #expect(got.status == status, "\(name)")
            }
            bench.upstream.set("\(PyPIBench.simple)none/", PyPIBench.answer(json))
            let usual = try await bench.get("/pypi/simple/none/")
            #expect(usual.status == 200)
        }
    }

    @Test("a name that one index owns is asked of no other")
    func owned() async throws {
        var names = OwnedNames()
        names.add(["acme-*"], of: "acme")
        let simple = try #require(AbsoluteURL(PyPIBench.simple))
        let upstream = try #require(PyPIUpstream(simple: simple))
        let usual = Mount(
            path: ["pypi"],
            adapter: PyPIAdapter(mount: ["pypi"], upstream: upstream, elsewhere: names),
            policy: UpstreamPolicy(home: simple.origin),
            freshness: FreshnessRule(ceilingSeconds: 300))
        let acme = "https://acme.example/simple/"
        let bench = Bench(
            mounts: [usual, PyPIBench.mount(["pypi", "acme"], simple: acme, files: nil)])
        bench.upstream.set(
            "\(acme)acme-tools/",
            PyPIBench.answer(#"{"meta":{"api-version":"1.0"},"name":"acme-tools","files":[]}"#))
        try await Bench.run(bench) { bench in
            let refused = try await bench.get("/pypi/simple/acme-tools/")
            #expect(refused.status == 404 && refused.text.contains("pypi/acme/simple/"))
            #expect(bench.upstream.requestCount == 0)
            #expect(try await bench.get("/pypi/acme/simple/acme-tools/").status == 200)
        }
    }
}
