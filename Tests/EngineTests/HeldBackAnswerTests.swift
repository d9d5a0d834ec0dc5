import Backends
import Engine
import HTTPModel
import Synchronization
import Testing

/// What clients hear of things that only a version has which is held back.
@Suite(.timeLimit(.minutes(5))) struct HeldBackAnswerTests {
    @Test("a file that only the new version names is 502 and not 404, until that is accepted")
    func unlistedFile() async throws {
        let registry = GuardedRegistry.pypi
        let bench = registry.bench()
        let file = "/pypi/packages/aa/foo_bar-9.tar.gz"
        let page = registry.text(0, 11).replacing(
            #""files":["#, with: #""files":[\#(PyPIBench.file("foo_bar-9.tar.gz"))"#)
        registry.publish(3, age: 10, on: bench)
        bench.upstream.set(
            PyPIBench.files + "aa/foo_bar-9.tar.gz", .init(pieces: [[1, 2, 3]]))
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(page, on: bench)
            for _ in 0..<2 {
                let got = try await bench.get(file)
                #expect(got.status == 502 && got.text.contains("held back"), "\(got.text)")
            }
            #expect(bench.upstream.requests(of: registry.url).count == 2, "not asked at once again")
            try await bench.metadata.accept(registry.key, until: .max)
            bench.time.advance(seconds: 301)
            #expect(try await bench.get(file).body == [1, 2, 3])
        }
    }

    @Test("a version of a package that only the new document may have is 502 and not 404")
    func unlistedVersion() async throws {
        let registry = GuardedRegistry.npm
        let bench = registry.bench()
        registry.publish(3, age: 10, on: bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 11, on: bench)
            #expect(try await bench.get("/npm/n/1.1.0").status == 200)
            for _ in 0..<2 {
                #expect(try await bench.get("/npm/n/7.0.0").status == 502)
            }
        }
    }

    @Test("the log names a path that an operator can use, also when an alias was asked")
    func toldPath() async throws {
        let registry = GuardedRegistry.npm
        let bench = NPMBench.bench()
        registry.publish(3, age: 10, on: bench)
        try await Bench.run(bench) { bench in
            _ = try await bench.get(registry.path)
            bench.time.advance(seconds: 301)
            registry.publish(1, age: 11, on: bench)
            // npm's own mount for paths at the root.
            let got = try await bench.get("/n/-/n-9.0.0.tgz")
            #expect(got.status == 502)
            let told = bench.observer.counts.withLock { $0.heldBack }
            #expect(told == ["npm \(registry.path) shrunk"])
        }
    }
}
