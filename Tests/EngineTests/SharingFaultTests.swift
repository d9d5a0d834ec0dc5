import Backends
import Engine
import Resources
import Support
import Testing

/// What does not count against an upstream, and what an outage does not hide, among two servers.
@Suite(.timeLimit(.minutes(5))) struct SharingFaultTests {
    private static let url = SharingTests.url
    private static let file = SharingTests.file

    /// Leases that are given at once until they are late.
    private struct LateLeases: FetchLeases {
        let isLate = Watched(false)
        let gate = Gate()
        let inner = MemoryLeases(time: FakeTime())

        func claim(
            _ key: CacheKey, by holder: String, for seconds: Int
        ) async throws(StoreError) -> Bool {
            if isLate.value { await gate.pass() }
            return try await inner.claim(key, by: holder, for: seconds)
        }
        func renew(
            _ keys: [CacheKey], by holder: String, for seconds: Int
        ) async throws(StoreError) {
            try await inner.renew(keys, by: holder, for: seconds)
        }
        func release(_ key: CacheKey, by holder: String) async throws(StoreError) {
            try await inner.release(key, by: holder)
        }
    }

    @Test("a client that waited for a lease has not waited for the upstream")
    func lateLeases() async throws {
        let leases = LateLeases()
        let key = CacheKey(.document("p"), of: TestAdapter().identity)
        try await SharingTests.run(leases: leases) { one, _ in
            _ = try await one.get("/t/doc/p")
            one.time.advance(seconds: 301)
            leases.isLate.update { $0 = true }
            one.time.holdPauses()
            let asked = Gate()
            let count = one.upstream.requestCount
            one.upstream.set(Self.url, document(gate: asked))
            for _ in 0..<20 {
                #expect(try await one.get("/t/doc/p", patience: .none).status == 200)
            }
            while one.time.pauseCount == 0 { await Task.yield() }
            #expect(one.upstream.requestCount == count)
            #expect(one.engine.outages == [])
            // Then it is asked all the same, and has some time as well.
            one.time.advance(seconds: 1)
            await asked.arrivals(1)
            _ = try await one.get("/t/doc/p", patience: .none)
            #expect(one.engine.outages == [])
            asked.open()
            await one.idle()
            // A lease that comes after all is given back.
            leases.gate.open()
            while try await !leases.inner.claim(key, by: "other", for: 9) { await Task.yield() }
        }
    }

    @Test("an upstream that was asked in time and does not answer counts as ever")
    func lateUpstream() async throws {
        let (leases, _) = SharingTests.leases()
        try await SharingTests.run(leases: leases) { one, _ in
            _ = try await one.get("/t/doc/p")
            one.time.advance(seconds: 301)
            one.time.holdPauses()
            let asked = Gate()
            one.upstream.set(Self.url, document(gate: asked))
            let first = Task { try await one.get("/t/doc/p") }
            await asked.arrivals(1)
            one.time.advance(seconds: 1)
            #expect(try await one.get("/t/doc/p", patience: .none).status == 200)
            #expect(one.engine.outages.count == 1)
            asked.open()
            #expect(try await first.value.status == 200)
        }
    }

    @Test(
        "what was absent when it was asked for and is stored by now is served in an outage",
        arguments: [SharingTests.file.request, "/t/doc/p"])
    func storedInOutage(path: String) async throws {
        let (leases, _) = SharingTests.leases()
        try await SharingTests.run(leases: leases) { one, two in
            for url in [Self.url, Self.file.url] {
                two.upstream.set(url, .init(failure: .unreachable(code: 7)))
            }
            var tries = 0
            while two.engine.outages == [], tries < 20 {
                #expect(try await two.get(path).status >= 500)
                tries += 1
            }
            #expect(two.engine.outages.count == 1)
            let stored = try await one.get(path)
            #expect(stored.status == 200)
            let asked = two.upstream.requestCount
            let got = try await two.get(path)
            #expect(got.status == 200 && got.body == stored.body)
            #expect(two.upstream.requestCount == asked)
        }
    }
}
