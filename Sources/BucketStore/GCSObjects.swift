package import Backends
internal import HTTPModel

/// Objects in a bucket of Google Cloud Storage, over its JSON API.
package struct GCSObjects: ObjectStore {
    /// The size of a resumable upload's pieces: a multiple of 256 KiB, as the API wants.
    let pieceByteCount: Int
    private static let uploadLimit = 8

    let place: GCSPlace
    private let tokens: GCSTokens
    private let outside: BucketOutside
    private let turns = Turns(uploadLimit)

    package init(
        _ place: GCSPlace, _ source: TokenSource, _ outside: BucketOutside,
        pieceByteCount: Int = 16 << 20
    ) {
        self.place = place
        self.pieceByteCount = pieceByteCount
        tokens = GCSTokens(source, outside)
        self.outside = outside
    }

    /// What of a request differs from others.
    struct Call {
        var method: ObjectRequest.Method
        /// nil where the parts of it make none.
        var url: AbsoluteURL?
        var headers = Headers()
        var body: [UInt8] = []
        var limits = ObjectLimits.call
        /// Statuses beside 2xx that the caller reads for itself.
        var expected: Set<Int> = []
    }

    struct Reply {
        let status: Int
        let headers: Headers
        let body: [UInt8]
    }

    // MARK: Requests

    /// Sends a request until it is answered in a way that lasts, and reads the short answer.
    func call(_ call: Call) async throws(ObjectFault) -> Reply {
        let response = try await open(call)
        do throws(UpstreamError) {
            return Reply(
                status: response.status, headers: response.headers,
                body: try await response.bytes())
        } catch {
            throw .unreachable(error)
        }
    }

    /// The same, for an answer whose body is read by the caller.
    func open(_ call: Call, repeats: Bool = true) async throws(ObjectFault) -> UpstreamResponse {
        guard let url = call.url else { throw .malformed }
        var attempts = Attempts(outside.time)
        var hasNewToken = false
        while true {
            let token = try await tokens.token()
            let fault: ObjectFault
            var mayRepeat: Bool
            do throws(UpstreamError) {
                var headers = call.headers
                headers.replace("authorization", token.authorization)
                let response = try await outside.client.send(
                    ObjectRequest(
                        call.method, url, headers: headers, body: call.body, limits: call.limits))
                if (200...299).contains(response.status) || call.expected.contains(response.status)
                {
                    return response
                }
                _ = try await response.bytes()
                fault = .refused(status: response.status, code: "")
                mayRepeat = repeats && Attempts.mayRepeat(response.status, "")
                if response.status == 401, !hasNewToken {
                    tokens.drop(token)
                    hasNewToken = true
                    mayRepeat = true
                }
            } catch {
                fault = .unreachable(error)
                mayRepeat = repeats && Attempts.mayRepeat(error)
            }
            guard mayRepeat, await attempts.again() else { throw fault }
        }
    }

    // MARK: Objects

    package func put(
        _ name: String, _ content: ObjectContent, _ condition: PutCondition
    ) async throws(ObjectFault) -> PutOutcome {
        try await turns.run { () throws(ObjectFault) in
            guard content.byteCount > pieceByteCount else {
                return try await putWhole(name, content, condition)
            }
            return try await GCSUpload(self, outside.time, name, condition).run(content)
        }
    }

    /// The query that begins an upload of a kind.
    func uploadQuery(
        _ kind: String, _ name: String, _ condition: PutCondition
    ) -> [QueryItem] {
        var query = [QueryItem("uploadType", kind), QueryItem("name", place.prefix + name)]
        // Generation 0 is that of an object that does not exist.
        if condition == .createOnly { query.append(QueryItem("ifGenerationMatch", "0")) }
        return query
    }

    private func putWhole(
        _ name: String, _ content: ObjectContent, _ condition: PutCondition
    ) async throws(ObjectFault) -> PutOutcome {
        let reply = try await call(
            Call(
                method: .post, url: place.upload(uploadQuery("media", name, condition)),
                headers: Headers([("content-type", "application/octet-stream")]),
                body: try await content.whole(), expected: [412]))
        return reply.status == 412 ? .alreadyThere : .made
    }

    package func entry(_ name: String) async throws(ObjectFault) -> ObjectPage.Entry? {
        let reply = try await call(
            Call(
                method: .get, url: place.object(name, [QueryItem("fields", "name,size,updated")]),
                expected: [404]))
        guard reply.status != 404 else { return nil }
        guard let entry = CredentialAnswers.decoded(GCSAnswer.Entry.self, reply.body),
            let count = entry.byteCount
        else { throw .malformed }
        return .init(name: name, byteCount: count, storedAt: entry.storedAt)
    }

    package func get(
        _ name: String, from offset: Int
    ) async throws(ObjectFault) -> (any UpstreamBody)? {
        var call = Call(
            method: .get, url: place.object(name, [QueryItem("alt", "media")]),
            limits: ObjectLimits.fetch, expected: [404, 416])
        // Without it the service may decode what somebody stored with a coding (case S-6).
        call.headers.append("accept-encoding", "gzip")
        if offset > 0 { call.headers.append("range", "bytes=\(offset)-") }
        let response = try await open(call)
        switch response.status {
        case 404, 416:
            response.body.cancel()
            return nil
        case 206 where offset > 0, 200 where offset == 0: return response.body
        default:
            response.body.cancel()
            throw .malformed
        }
    }

    package func list(
        _ prefix: String, from mark: String?
    ) async throws(ObjectFault) -> ObjectPage {
        var query = [
            QueryItem("prefix", place.prefix + prefix), QueryItem("maxResults", "1000"),
            QueryItem("fields", "items(name,size,updated),nextPageToken"),
        ]
        if let mark { query.append(QueryItem("pageToken", mark)) }
        let reply = try await call(Call(method: .get, url: place.list(query)))
        guard let page = GCSAnswer.page(reply.body, without: place.prefix) else {
            throw .malformed
        }
        return page
    }

    package func delete(_ name: String) async throws(ObjectFault) {
        _ = try await call(Call(method: .delete, url: place.object(name), expected: [404]))
    }

    /// Nothing to do: the service itself ends an upload that nobody goes on with, after a week, and
    /// takes no money for it.
    package func sweepUploads(olderThan seconds: Int64) async throws(ObjectFault) -> Int { 0 }
}
