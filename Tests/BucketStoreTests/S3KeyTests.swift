import Backends
import BucketStore
import HTTPModel
import Support
import Synchronization
import Testing

/// Keys from services: fetched once for many, renewed before their end, replaced when refused.
@Suite(.timeLimit(.minutes(5))) struct S3KeyTests {
    let stub: S3Stub
    let services: OriginStub
    let time = TestTime()

    init() throws {
        stub = try S3Stub()
        services = try OriginStub()
    }

    /// An hour from the second of the tests' clock on.
    private func document(_ id: String, hours: Int64 = 1) -> OriginAnswer {
        let end = Timestamp.basicText(time.now + hours * 3_600)
        let (date, clock) = (Array(end.prefix(8)), Array(end.dropFirst(9).prefix(6)))
        let text =
            "\(String(date[0..<4]))-\(String(date[4..<6]))-\(String(date[6..<8]))T"
            + "\(String(clock[0..<2])):\(String(clock[2..<4])):\(String(clock[4..<6]))Z"
        return .bytes(
            Array(
                #"{"AccessKeyId":"\#(id)","SecretAccessKey":"s","Token":"tok-\#(id)","Expiration":"\#(text)"}"#
                    .utf8))
    }

    /// The ids of the keys with which the bucket was asked, in order.
    private var ids: [String] {
        stub.origin.ledger.requests.compactMap { request in
            let field = request.headers["authorization"] ?? ""
            return field.firstRange(of: "Credential=").map {
                String(field[$0.upperBound...].prefix { $0 != "/" })
            }
        }
    }

    @Test("a projected token is read anew each time and exchanged for a key")
    func webIdentity() async throws {
        let files = Mutex(["/token": Array("first\n".utf8)])
        services.fallback { request, earlier in
            let form = String(decoding: request.body, as: UTF8.self)
            guard request.method == "POST", form.contains("Action=AssumeRoleWithWebIdentity"),
                form.hasSuffix("&WebIdentityToken=\(earlier == 0 ? "first" : "second")"),
                request.headers["authorization"] == nil
            else { return OriginAnswer(400) }
            let text = """
                <AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
                <AccessKeyId>id-\(earlier)</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
                <SessionToken>t</SessionToken><Expiration>2013-05-24T01:00:00Z</Expiration>
                </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
                """
            return .bytes(Array(text.utf8))
        }
        let outside = BucketOutside(client: try Rig(time).client, time: time, environment: [:]) {
            path in files.withLock { $0[path] }
        }
        let store = S3Objects(
            try Rig.s3Place(stub.origin.base),
            .webIdentity(
                role: "arn:x", tokenFile: "/token", session: "s", service: services.url("/")),
            outside)
        _ = try await store.byteCount(of: "x")
        _ = try await store.byteCount(of: "x")
        files.withLock { $0["/token"] = Array("second".utf8) }
        time.advance(seconds: 3_100)
        _ = try await store.byteCount(of: "x")
        #expect(ids == ["id-0", "id-0", "id-1"])
        #expect(stub.origin.ledger.requests[0].headers["x-amz-security-token"] == "t")
    }

    @Test("the metadata service: one session, one key for many, renewed before its end")
    func instance() async throws {
        let folder = "/latest/meta-data/iam/security-credentials/"
        let keys = Mutex(0)
        services.fallback { request, _ in
            if request.path == "/latest/api/token" {
                return request.method == "PUT"
                    && request.headers["x-aws-ec2-metadata-token-ttl-seconds"] != nil
                    ? .text("session") : OriginAnswer(400)
            }
            guard request.headers["x-aws-ec2-metadata-token"] == "session" else {
                return OriginAnswer(401)
            }
            if request.path == folder { return .text("role-1\n") }
            guard request.path == folder + "role-1" else { return OriginAnswer(404) }
            return document("id-\(keys.withLock { $0 += 1; return $0 })")
        }
        let store = try Rig(time).s3(
            stub.origin.base, source: .instance(services.url("/")))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { _ = try await store.byteCount(of: "x") } }
            try await group.waitForAll()
        }
        #expect(Set(ids) == ["id-1"])
        time.advance(seconds: 3_100)
        _ = try await store.byteCount(of: "x")
        #expect(ids.last == "id-2")
        // The service is gone: the key that is there serves to its end.
        time.advance(seconds: 3_100)
        services.stop()
        _ = try await store.byteCount(of: "x")
        #expect(ids.last == "id-2")
        time.advance(seconds: 600)
        let fault = await #expect(throws: ObjectFault.self) {
            try await store.byteCount(of: "x")
        }
        #expect(fault?.description.hasPrefix("no credential for the bucket: the metadata") == true)
    }

    @Test("S-3: a key that is refused is replaced at once", arguments: [403, 400])
    func rotation(_ status: Int) async throws {
        let keys = Mutex(0)
        services.fallback { _, _ in document("id-\(keys.withLock { $0 += 1; return $0 })") }
        let store = try Rig(time).s3(
            stub.origin.base,
            source: .container(services.url("/c"), authorization: .file("/t")),
            files: ["/t": Array("secret\n".utf8)])
        _ = try await store.byteCount(of: "x")
        stub.inject { request, _ in
            request.headers["authorization"]?.contains("id-1/") == true
                ? S3Stub.error(status, "ExpiredToken") : nil
        }
        _ = try await store.put("y", ObjectContent([1]), .createOnly)
        #expect(ids == ["id-1", "id-1", "id-2"])
        #expect(services.ledger.requests.allSatisfy { $0.headers["authorization"] == "secret" })
        // One that is refused for good is not asked about for ever.
        stub.inject { _, _ in S3Stub.error(403, "AccessDenied") }
        await #expect(throws: ObjectFault.refused(status: 403, code: "AccessDenied")) {
            try await store.put("z", ObjectContent([1]), .createOnly)
        }
        #expect(services.ledger.requests.count == 3)
    }
}
