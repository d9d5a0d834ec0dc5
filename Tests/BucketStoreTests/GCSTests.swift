import Backends
import BucketStore
import HTTPModel
import Support
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct GCSTests {
    let stub: GCSStub
    let time = TestTime()
    let store: GCSObjects

    init() throws {
        stub = try GCSStub(now: time.now)
        store = try Rig(time).gcs(stub)
    }

    @Test("what was stored is there, whole", arguments: ObjectStoreChecks.lengths)
    func roundTrip(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.roundTrip(store, byteCount)
    }

    @Test("a create-only put leaves what is there", arguments: [10, 600_000])
    func createOnly(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.createOnly(store, byteCount)
        #expect(stub.openSessionCount == 0)
    }

    @Test("the rest of an object") func rest() async throws {
        try await ObjectStoreChecks.rest(store)
    }

    @Test("a list") func list() async throws { try await ObjectStoreChecks.list(store) }

    @Test("bytes of another digest are never stored") func mismatch() async throws {
        try await ObjectStoreChecks.mismatch(store)
        #expect(stub.openSessionCount == 0)
        #expect(stub.objects.isEmpty)
    }

    @Test("the self test finds all, and leaves nothing") func promises() async throws {
        try await ObjectStoreChecks.promises(store)
        #expect(stub.objects.isEmpty)
    }

    @Test("one token for many, renewed before its end, replaced when it was taken back")
    func tokens() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask { [store] in _ = try await store.byteCount(of: "x") }
            }
            try await group.waitForAll()
        }
        #expect(stub.tokenCount == 1)
        time.advance(seconds: 3_100)
        stub.now = time.now
        _ = try await store.byteCount(of: "x")
        #expect(stub.tokenCount == 2)
        stub.revokeTokens()
        _ = try await store.byteCount(of: "x")
        #expect(stub.tokenCount == 3)
        for request in stub.origin.ledger.requests where request.path == "/token" {
            #expect(request.headers["authorization"] == nil)
        }
    }

    @Test("a clock that is wrong gets no token, and a sentence that says so")
    func wrongClock() async throws {
        stub.now += 7_200
        let fault = await #expect(throws: ObjectFault.self) {
            try await store.byteCount(of: "x")
        }
        #expect(
            fault?.description == "no credential for the bucket: the token service answered 400")
    }

    @Test("the metadata server gives tokens to a pod")
    func metadata() async throws {
        let store = try Rig(time).gcs(stub, source: .metadata(stub.origin.url("/")))
        #expect(try await store.put("x", ObjectContent([1]), .createOnly) == .made)
    }

    @Test("a session goes on from where the service is", arguments: [100_000, 262_143, 262_144])
    func partialPieces(_ kept: Int) async throws {
        stub.keep(atMost: kept)
        let content = sample(700_000)
        #expect(try await store.put("big", ObjectContent(content), .createOnly) == .made)
        #expect(try await store.bytes("big") == content)
        #expect(stub.openSessionCount == 0)
    }

    @Test("a fault within a session: asked where it is, and gone on", arguments: [500, 503, 0])
    func interrupted(_ status: Int) async throws {
        let count = Mutex(0)
        stub.inject { request, _ in
            guard request.method == "PUT", !request.body.isEmpty else { return nil }
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard number.isMultiple(of: 2) else { return nil }
            return status == 0
                ? OriginAnswer().with(\.conduct, .reset) : OriginAnswer(status)
        }
        let content = sample(1_000_000)
        #expect(try await store.put("big", ObjectContent(content), .createOnly) == .made)
        #expect(try await store.bytes("big") == content)
        let asked = stub.origin.ledger.requests.filter {
            $0.headers["content-range"] == "bytes */1000000"
        }
        #expect(!asked.isEmpty)
        #expect(stub.openSessionCount == 0)
    }

    @Test("a session that fails for good is taken back")
    func failed() async throws {
        stub.inject { request, _ in request.method == "PUT" ? OriginAnswer(503) : nil }
        await #expect(throws: ObjectFault.self) {
            try await store.put("big", ObjectContent(sample(600_000)), .createOnly)
        }
        #expect(stub.openSessionCount == 0)
        #expect(stub.objects.isEmpty)
    }

    @Test("a session elsewhere does not get the token")
    func sessionElsewhere() async throws {
        let other = try OriginStub()
        let place = other.base + "/session"
        stub.inject { request, _ in
            request.target.contains("resumable")
                ? OriginAnswer(200, fields: [("Location", place)]) : nil
        }
        await #expect(throws: ObjectFault.malformed) {
            try await store.put("big", ObjectContent(sample(600_000)), .createOnly)
        }
        #expect(other.ledger.requests.isEmpty)
    }
}
