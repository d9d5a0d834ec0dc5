import Backends
import BucketStore
import Digests
import HTTPModel
import Support
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct S3Tests {
    let stub: S3Stub
    let time = TestTime()
    let store: S3Objects

    init() throws {
        stub = try S3Stub()
        store = try Rig(time).s3(stub.origin.base)
    }

    @Test("what was stored is there, whole", arguments: ObjectStoreChecks.lengths)
    func roundTrip(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.roundTrip(store, byteCount)
    }

    @Test("S-2: a create-only put leaves what is there", arguments: [10, 200_000])
    func createOnly(_ byteCount: Int) async throws {
        try await ObjectStoreChecks.createOnly(store, byteCount)
        #expect(stub.openUploadCount == 0)
    }

    @Test("the rest of an object") func rest() async throws {
        try await ObjectStoreChecks.rest(store)
    }

    @Test("a list") func list() async throws { try await ObjectStoreChecks.list(store) }

    @Test("bytes of another digest are never stored") func mismatch() async throws {
        try await ObjectStoreChecks.mismatch(store)
        #expect(stub.openUploadCount == 0)
        #expect(stub.objects.isEmpty)
    }

    @Test("the self test finds all, and leaves nothing") func promises() async throws {
        try await ObjectStoreChecks.promises(store)
        #expect(stub.objects.isEmpty)
    }

    @Test("S-2: the self test finds a store that ignores conditions")
    func ignoredConditions() async throws {
        stub.ignoresConditions = true
        let promises = try await store.promises()
        #expect(promises.isCreateOnly == false)
        #expect(promises.description.hasPrefix("all but create-only puts; replicas that"))
        #expect(stub.objects.isEmpty)
    }

    struct FaultRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: OriginAnswer
    }

    static let passing = [
        FaultRow(testDescription: "500", fault: S3Stub.error(500, "InternalError")),
        FaultRow(testDescription: "503", fault: S3Stub.error(503, "SlowDown")),
        FaultRow(testDescription: "409", fault: S3Stub.error(409, "ConditionalRequestConflict")),
        FaultRow(testDescription: "a reset", fault: OriginAnswer().with(\.conduct, .reset)),
    ]

    @Test("S-1: what passes is tried again: every third request fails", arguments: passing)
    func faults(_ row: FaultRow) async throws {
        stub.inject { _, number in number % 3 == 1 ? row.fault : nil }
        for number in 0..<12 {
            let content = ObjectContent(sample(number * 20_000, seed: UInt32(number + 1)))
            #expect(try await store.put("n\(number)", content, .createOnly) == .made)
        }
        stub.inject(nil)
        for number in 0..<12 {
            let expected = sample(number * 20_000, seed: UInt32(number + 1))
            #expect(try await store.bytes("n\(number)") == expected)
        }
        #expect(stub.overwriteCount == 0)
        #expect(stub.openUploadCount == 0)
    }

    @Test("what stays is told after a few attempts")
    func lastingFault() async throws {
        stub.inject { _, _ in S3Stub.error(503, "SlowDown") }
        await #expect(throws: ObjectFault.refused(status: 503, code: "SlowDown")) {
            try await store.put("x", ObjectContent([1]), .createOnly)
        }
        #expect(stub.origin.ledger.requests.count == 4)
        stub.inject { _, _ in S3Stub.error(403, "RequestTimeTooSkewed") }
        let fault = await #expect(throws: ObjectFault.self) { try await store.byteCount(of: "x") }
        #expect(fault?.description.contains("403") == true)
    }

    /// Cases S-4: every request of an upload in parts fails for good, one after the other.
    @Test("an upload that fails at any point is taken back", arguments: 1...7)
    func failedUpload(_ step: Int) async throws {
        let seen = Mutex(0)
        stub.inject { request, _ in
            // Retries of the failing one fail as well; the abort is let through.
            guard request.method != "DELETE" else { return nil }
            let number = seen.withLock { seen in
                if seen < step { seen += 1 }
                return seen
            }
            return number == step ? S3Stub.error(500, "InternalError") : nil
        }
        await #expect(throws: ObjectFault.self) {
            try await store.put("big", ObjectContent(sample(250_000)), .createOnly)
        }
        #expect(stub.openUploadCount == 0)
        stub.inject(nil)
        #expect(try await store.byteCount(of: "big") == nil)
    }

    @Test("a completion whose answer is lost counts once")
    func lostCompletion() async throws {
        let content = sample(200_000)
        let lost = Mutex(false)
        stub.inject { [stub] request, _ in
            guard request.method == "POST", request.target.contains("uploadId="),
                !lost.withLock({ $0 })
            else { return nil }
            lost.withLock { $0 = true }
            // Carried out, and then the connection breaks.
            stub.completeUploads(as: S3Stub.name(request))
            return OriginAnswer().with(\.conduct, .reset)
        }
        #expect(try await store.put("big", ObjectContent(content), .createOnly) == .made)
        #expect(lost.withLock { $0 })
        #expect(try await store.bytes("big") == content)
        #expect(stub.overwriteCount == 0)
    }

    @Test("two that store one object at once: both succeed, and it is there once")
    func atOnce() async throws {
        let content = ObjectContent(sample(200_000))
        let outcomes = try await withThrowingTaskGroup(of: PutOutcome.self) { group in
            for _ in 0..<6 {
                group.addTask { [store] in
                    try await store.put("same", content, .createOnly)
                }
            }
            return try await group.reduce(into: [PutOutcome]()) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .made }.count == 1)
        #expect(stub.overwriteCount == 0)
        #expect(stub.openUploadCount == 0)
    }
}
