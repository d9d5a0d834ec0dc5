import Backends
import Digests
import Ecosystems
import Engine
import HTTPModel
import Resources
import Synchronization
import Testing

/// Documents that say that their project was taken down.
@Suite(.timeLimit(.minutes(5))) struct TakedownTests {
    private static let file = "/pypi/packages/aa/foo_bar-1.tar.gz"

    private func publishFile(_ bench: Bench) {
        bench.upstream.set(PyPIBench.files + "aa/foo_bar-1.tar.gz", .init(pieces: [[1, 2, 3]]))
    }

    private func quarantine(_ bench: Bench, tag: String? = nil) {
        let status = #""project-status":{"status":"quarantined"},"#
        var page = PyPIBench.page("", more: status)
        page.tag = tag
        bench.upstream.set(GuardedRegistry.pypi.url, page)
    }

    @Test("PyPI, quarantined: the empty page is taken, stored files are refused until it is lifted")
    func quarantined() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(3, age: 10, on: bench)
        publishFile(bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            #expect(try await bench.get(Self.file).body == [1, 2, 3])
            quarantine(bench)
            bench.time.advance(seconds: 301)
            let page = try await bench.get(registry.path) { $0.accept = PyPIBench.json }
            #expect(page.status == 200 && page.text.contains("quarantined"))
            #expect(!page.text.contains("tar.gz"))
            let refused = try await bench.get(Self.file)
            #expect(refused.status == 404 && refused.text.contains("withdrawn"))
            #expect(try await bench.get("/pypi/packages/aa/foo_bar-2.tar.gz").status == 404)
            let events = try await bench.metadata.recent(limit: 9)
            #expect(events.map(\.kind) == [.withdrawn])
            #expect(bench.observer.counts.withLock { $0.heldBack } == [])
        }
        let next = registry.bench(restarting: bench)
        registry.publish(3, age: 12, on: next)
        try await Bench.run(next) { next in
            next.time.advance(seconds: 302)
            let refused = try await next.get(Self.file)
            #expect(refused.status == 404)
            #expect(next.upstream.requestCount == 0)
            // Who has a lock file asks for the file alone: that asks for the page as well.
            next.time.advance(seconds: 300)
            #expect(try await next.get(Self.file).status == 404)
            await next.idle()
            #expect(next.upstream.requestCount == 1)
            #expect(try await next.get(Self.file).body == [1, 2, 3], "the bytes were kept")
        }
    }

    @Test("one that was stored before takedowns were noted is enforced after the next validation")
    func storedBefore() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(3, age: 10, on: bench)
        publishFile(bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            _ = try await bench.get(Self.file)
            quarantine(bench, tag: "\"2\"")
            bench.time.advance(seconds: 301)
            _ = try await bench.get(registry.path)
            // As an earlier program left it.
            var row = try #require(try await bench.metadata.response(for: registry.key))
            row.headers.remove(":marks")
            row.headers.remove(":named")
            let rules = Array(registry.mount().adapter.rendererVersion.utf8)
            row.headers.replace(":facts", String(BlobDigest.of(rules).hex.prefix(16)))
            try await bench.metadata.freshen(row)
        }
        let next = registry.bench(restarting: bench)
        quarantine(next, tag: "\"2\"")
        try await Bench.run(next) { next in
            next.time.advance(seconds: 602)
            _ = try await next.get(registry.path)
            #expect(next.upstream.requests(of: registry.url).map(\.ifNoneMatch) == [nil])
            #expect(try await next.get(Self.file).status == 404)
        }
    }

    @Test("an old page after a quarantine is held back, and the files stay refused")
    func lagging() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(3, age: 10, on: bench)
        publishFile(bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            _ = try await bench.get(Self.file)
            let text = registry.text(0, 12).replacing(
                #""files""#, with: #""project-status":{"status":"quarantined"},"files""#)
            registry.publish(text, on: bench)
            bench.time.advance(seconds: 301)
            _ = try await bench.get(registry.path)
            registry.publish(3, age: 10, on: bench)
            bench.time.advance(seconds: 301)
            let page = try await bench.get(registry.path)
            #expect(page.field("Cache-Status")?.contains("held-back") == true)
            #expect(try await bench.get(Self.file).status == 404)
        }
    }

    @Test("npm's security placeholder: taken, only its own tarball is served")
    func placeholder() async throws {
        let bench = NPMBench.bench()
        try await Bench.run(bench) { bench in
            let tarball = "/npm/n/-/n-1.1.0.tgz"
            let holder = "/npm/n/-/n-0.0.1-security.tgz"
            _ = try await bench.get("/npm/n")
            #expect(try await bench.get(tarball).body == NPMBench.file.bytes)
            let sha1 = #""shasum":"7037807198c22a7d2b0807371d763779a84fdfcf""#
            let version = NPMBench.version("n", "0.0.1-security", sha1)
            bench.upstream.set(
                NPMBench.url(of: "n"),
                NPMBench.answer(
                    #"{"name":"n","dist-tags":{"latest":"0.0.1-security"},"versions":{\#(version)},"#
                        + #""time":{"modified":"2019-01-01T00:00:00.000Z"}}"#))
            bench.upstream.set(
                NPMBench.registry + "n/-/n-0.0.1-security.tgz", .init(pieces: [[1, 2, 3]]))
            bench.time.advance(seconds: 301)
            let packument = try await bench.get("/npm/n")
            #expect(packument.status == 200 && packument.text.contains("0.0.1-security"))
            let refused = try await bench.get(tarball)
            #expect(refused.status == 404 && refused.text.contains("withdrawn"))
            #expect(try await bench.get(holder).body == [1, 2, 3])
            #expect(try await bench.get(holder).status == 200, "stored")
        }
    }

    @Test("a page that calls itself quarantined and lists many files refuses none of the others")
    func talkative() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        registry.publish(80, age: 10, on: bench)
        publishFile(bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            _ = try await bench.get(Self.file)
            let text = registry.text(70, 12).replacing(
                "foo_bar-1.tar.gz", with: "foo_bar-99.tar.gz"
            )
            .replacing(#""files""#, with: #""project-status":{"status":"quarantined"},"files""#)
            registry.publish(text, on: bench)
            bench.time.advance(seconds: 301)
            _ = try await bench.get(registry.path)
            #expect(try await bench.get(Self.file).body == [1, 2, 3])
        }
    }
}
