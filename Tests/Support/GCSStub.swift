import Digests
import Foundation
import HTTPModel
import Synchronization

/// A strict bucket in memory behind the JSON API of Google Cloud Storage.
///
/// It gives tokens only for an assertion that ``SampleKey`` signed for it and for a time that it
/// holds, takes a token only until its end, keeps generation preconditions, and takes the pieces of
/// a resumable upload only in order and in multiples of 256 KiB.
package final class GCSStub: Sendable {
    package typealias Fault = @Sendable (OriginRequest, _ number: Int) -> OriginAnswer?

    static let unit = 256 << 10
    private static let scope = "https://www.googleapis.com/auth/devstorage.read_write"

    struct Session: Sendable {
        let name: String
        let isCreateOnly: Bool
        let byteCount: Int?
        var bytes: [UInt8] = []
    }

    struct State: Sendable {
        var objects: [String: [UInt8]] = [:]
        var sessions: [String: Session] = [:]
        var tokens: [String: Int64] = [:]
        var fault: Fault?
        var seenCount = 0
        var now: Int64 = 0
        /// How much of a piece is kept, to be told in the 308.
        var keptByteCount = Int.max
        var base = ""
        /// Seconds since 1970, by names; unknown for what a test put there.
        var storedAt: [String: Int64] = [:]
    }

    package let origin: OriginStub
    private let state = Mutex(State())

    /// A bucket whose clock stands at `now`, in seconds since 1970.
    package init(now: Int64) throws {
        origin = try OriginStub()
        let base = origin.base
        state.withLock {
            $0.now = now
            $0.base = base
        }
        origin.fallback { [weak self] request, _ in
            self?.answer(request) ?? OriginAnswer(500)
        }
    }

    package var tokenURL: String { origin.base + "/token" }

    package var now: Int64 {
        get { state.withLock { $0.now } }
        set { state.withLock { $0.now = newValue } }
    }

    package var objects: [String: [UInt8]] {
        get { state.withLock { $0.objects } }
        set { state.withLock { $0.objects = newValue } }
    }

    package var openSessionCount: Int { state.withLock { $0.sessions.count } }

    package var tokenCount: Int { state.withLock { $0.tokens.count } }

    /// Takes every token back.
    package func revokeTokens() { state.withLock { $0.tokens = $0.tokens.mapValues { _ in 0 } } }

    /// Keeps at most so many bytes of each piece from now on.
    package func keep(atMost count: Int) { state.withLock { $0.keptByteCount = count } }

    /// Answers in place of the service where it gives an answer; `number` counts from 1.
    package func inject(_ fault: Fault?) {
        state.withLock {
            $0.fault = fault
            $0.seenCount = 0
        }
    }

    private func answer(_ request: OriginRequest) -> OriginAnswer {
        let (fault, number) = state.withLock { state in
            state.seenCount += 1
            return (state.fault, state.seenCount)
        }
        if let answer = fault?(request, number) { return answer }
        if request.path == "/token" { return grant(request) }
        if request.path.hasPrefix("/computeMetadata/") { return metadata(request) }
        return state.withLock { state in
            guard state.isAuthorized(request) else { return OriginAnswer(401) }
            return state.answer(request, Query(request.target))
        }
    }

    // MARK: Tokens

    private func grant(_ request: OriginRequest) -> OriginAnswer {
        let form = Query("?" + String(decoding: request.body, as: UTF8.self))
        guard request.method == "POST",
            request.headers["content-type"] == "application/x-www-form-urlencoded",
            form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer",
            let assertion = form["assertion"], isGood(assertion)
        else { return .bytes(Array(#"{"error":"invalid_grant"}"#.utf8)).with(\.status, 400) }
        return state.withLock { $0.token() }
    }

    private func isGood(_ assertion: String) -> Bool {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let key = try? SampleKey.key(),
            let signature = SampleKey.decoded(parts[2]),
            key.made(signature, of: Array("\(parts[0]).\(parts[1])".utf8)),
            let header = SampleKey.object(parts[0]), let claims = SampleKey.object(parts[1]),
            header["alg"] as? String == "RS256", claims["aud"] as? String == tokenURL,
            claims["scope"] as? String == Self.scope,
            let begin = claims["iat"] as? Int64, let end = claims["exp"] as? Int64
        else { return false }
        let now = now
        return begin <= now + 60 && end > now && end <= begin + 3_600
    }

    private func metadata(_ request: OriginRequest) -> OriginAnswer {
        guard request.headers["metadata-flavor"] == "Google" else { return OriginAnswer(403) }
        return state.withLock { $0.token() }
            .with(\.fields, [("Metadata-Flavor", "Google")])
    }
}

extension GCSStub.State {
    fileprivate mutating func token() -> OriginAnswer {
        let token = "token-\(tokens.count + 1)"
        tokens[token] = now + 3_600
        let text = #"{"access_token":"\#(token)","expires_in":3600,"token_type":"Bearer"}"#
        return .bytes(Array(text.utf8))
    }

    fileprivate func isAuthorized(_ request: OriginRequest) -> Bool {
        guard let field = request.headers["authorization"], field.hasPrefix("Bearer "),
            let end = tokens[String(field.dropFirst(7))]
        else { return false }
        return now < end
    }

    fileprivate mutating func answer(_ request: OriginRequest, _ query: Query) -> OriginAnswer {
        if request.path.hasPrefix("/upload/storage/v1/b/bucket/o") {
            switch (request.method, query["upload_id"]) {
            case ("POST", nil): return begin(request, query)
            case ("PUT", let id?): return piece(request, id)
            case ("DELETE", let id?):
                return OriginAnswer(sessions.removeValue(forKey: id) == nil ? 404 : 499)
            default: return OriginAnswer(405)
            }
        }
        guard request.path.hasPrefix("/storage/v1/b/bucket/o") else { return OriginAnswer(404) }
        let segment = request.path.dropFirst("/storage/v1/b/bucket/o".utf8.count)
        guard segment.hasPrefix("/") else { return list(query["prefix"] ?? "") }
        // A slash within the name must be escaped.
        guard !segment.dropFirst().contains("/"),
            let bytes = PercentEncoding.decoded(segment.dropFirst().utf8)
        else { return OriginAnswer(404) }
        return object(request, String(decoding: bytes, as: UTF8.self), query)
    }

    private mutating func object(
        _ request: OriginRequest, _ name: String, _ query: Query
    ) -> OriginAnswer {
        guard let object = objects[name] else { return OriginAnswer(404) }
        switch request.method {
        case "DELETE":
            objects[name] = nil
            return OriginAnswer(204)
        case "GET" where query["alt"] == "media":
            return .bytes(object).with(\.isConditional, true)
        case "GET":
            return .bytes(Array(item(name, object).utf8))
        default: return OriginAnswer(405)
        }
    }

    private mutating func begin(_ request: OriginRequest, _ query: Query) -> OriginAnswer {
        guard let name = query["name"] else { return OriginAnswer(400) }
        let isCreateOnly = query["ifGenerationMatch"] == "0"
        if isCreateOnly, objects[name] != nil { return OriginAnswer(412) }
        if query["uploadType"] == "media" {
            objects[name] = request.body
            storedAt[name] = now
            return .bytes(Array("{}".utf8))
        }
        guard query["uploadType"] == "resumable" else { return OriginAnswer(400) }
        let id = "session-\(seenCount)"
        let count = request.headers["x-upload-content-length"].flatMap { Int($0) }
        sessions[id] = .init(name: name, isCreateOnly: isCreateOnly, byteCount: count)
        let path = "/upload/storage/v1/b/bucket/o?uploadType=resumable&upload_id=\(id)"
        return OriginAnswer(200, fields: [("Location", base + path)])
    }

    private mutating func piece(_ request: OriginRequest, _ id: String) -> OriginAnswer {
        guard var session = sessions[id] else { return OriginAnswer(404) }
        guard let field = request.headers["content-range"], field.hasPrefix("bytes ") else {
            return OriginAnswer(400)
        }
        let parts = field.dropFirst(6).split(separator: "/")
        guard parts.count == 2, let total = Int(parts[1]), total == session.byteCount else {
            return OriginAnswer(400)
        }
        guard parts[0] != "*" else { return progress(session) }
        let ends = parts[0].split(separator: "-").compactMap { Int($0) }
        guard ends.count == 2, ends[1] - ends[0] + 1 == request.body.count,
            ends[0] == session.bytes.count,
            ends[1] + 1 == total || request.body.count % GCSStub.unit == 0
        else { return OriginAnswer(400) }
        let kept = min(request.body.count, keptByteCount)
        session.bytes += request.body.prefix(kept)
        guard session.bytes.count == total else {
            sessions[id] = session
            return progress(session)
        }
        sessions[id] = nil
        if session.isCreateOnly, objects[session.name] != nil { return OriginAnswer(412) }
        objects[session.name] = session.bytes
        storedAt[session.name] = now
        return .bytes(Array("{}".utf8))
    }

    private func progress(_ session: GCSStub.Session) -> OriginAnswer {
        let count = session.bytes.count
        return OriginAnswer(
            308, fields: count == 0 ? [] : [("Range", "bytes=0-\(count - 1)")])
    }

    private func item(_ name: String, _ bytes: [UInt8]) -> String {
        let date = storedAt[name].map { #","updated":"\#(S3Stub.State.text($0))""# } ?? ""
        return #"{"name":"\#(name)","size":"\#(bytes.count)"\#(date)}"#
    }

    private func list(_ prefix: String) -> OriginAnswer {
        let items = objects.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map {
            item($0.key, $0.value)
        }
        return .bytes(Array("{\"items\":[\(items.joined(separator: ","))]}".utf8))
    }
}
