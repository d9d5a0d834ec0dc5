package import Backends
internal import Digests
internal import HTTPModel

/// Objects in a bucket of S3 or of a store that speaks its protocol.
package struct S3Objects: ObjectStore {
    /// The size of an upload's parts; what is no longer goes up in one request.
    let partByteCount: Int
    /// Uploads that may be in memory at once, one part each.
    private static let uploadLimit = 8

    let place: S3Place
    private let keys: S3Keys
    private let outside: BucketOutside
    private let turns = Turns(uploadLimit)

    package init(
        _ place: S3Place, _ source: CredentialSource, _ outside: BucketOutside,
        partByteCount: Int = 16 << 20
    ) {
        self.place = place
        self.partByteCount = partByteCount
        keys = S3Keys(source, outside)
        self.outside = outside
    }

    /// What of a request differs from others.
    struct Call {
        var method: ObjectRequest.Method
        var name: String
        var query: [QueryItem] = []
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
    func open(_ call: Call) async throws(ObjectFault) -> UpstreamResponse {
        var attempts = Attempts(outside.time)
        var hasNewKey = false
        while true {
            let key = try await keys.key()
            let fault: ObjectFault
            var mayRepeat: Bool
            do throws(UpstreamError) {
                let response = try await outside.client.send(try signed(call, key))
                if (200...299).contains(response.status) || call.expected.contains(response.status)
                {
                    return response
                }
                let code = S3Answer.errorCode(try await response.bytes())
                fault = .refused(status: response.status, code: code)
                mayRepeat = Attempts.mayRepeat(response.status, code)
                // Keys are taken back and replaced: one other may be had (rule of case S-3).
                if response.status == 403 || code == "ExpiredToken", !hasNewKey, keys.drop(key) {
                    hasNewKey = true
                    mayRepeat = true
                }
            } catch {
                fault = .unreachable(error)
                mayRepeat = Attempts.mayRepeat(error)
            }
            guard mayRepeat, await attempts.again() else { throw fault }
        }
    }

    private func signed(_ call: Call, _ key: AccessKey) throws(UpstreamError) -> ObjectRequest {
        let name = call.name.isEmpty ? "" : place.prefix + call.name
        guard let url = place.url(name, call.query) else { throw .hostRefused }
        let subject = RequestSigner.Subject(
            method: call.method.rawValue, host: url.authority, path: url.path, query: call.query,
            headers: call.headers, payload: BlobDigest.of(call.body).hex)
        let headers = RequestSigner(key, region: place.region)
            .signed(subject, at: outside.time.now)
        return ObjectRequest(
            call.method, url, headers: headers, body: call.body, limits: call.limits)
    }

    // MARK: Objects

    package func put(
        _ name: String, _ content: ObjectContent, _ condition: PutCondition
    ) async throws(ObjectFault) -> PutOutcome {
        try await turns.run { () throws(ObjectFault) in
            guard content.byteCount > partByteCount else {
                return try await putWhole(name, content, condition)
            }
            return try await S3Upload(self, name, condition).run(content)
        }
    }

    private func putWhole(
        _ name: String, _ content: ObjectContent, _ condition: PutCondition
    ) async throws(ObjectFault) -> PutOutcome {
        var call = Call(method: .put, name: name, body: try await content.whole())
        call.headers = condition.headers
        call.expected = [412]
        do throws(ObjectFault) {
            return try await self.call(call).status == 412 ? .alreadyThere : .made
        } catch .refused(409, _) where condition == .createOnly {
            // Somebody else was storing it all the time.
            if try await byteCount(of: name) == content.byteCount { return .alreadyThere }
            throw .refused(status: 409, code: "")
        }
    }

    package func entry(_ name: String) async throws(ObjectFault) -> ObjectPage.Entry? {
        let reply = try await call(Call(method: .head, name: name, expected: [404]))
        guard reply.status != 404 else { return nil }
        guard let count = reply.headers["content-length"].flatMap({ Int($0) }) else {
            throw .malformed
        }
        let date = reply.headers["last-modified"].flatMap { HTTPDate($0) }
        return .init(name: name, byteCount: count, storedAt: date?.seconds)
    }

    package func get(
        _ name: String, from offset: Int
    ) async throws(ObjectFault) -> (any UpstreamBody)? {
        var call = Call(
            method: .get, name: name, limits: ObjectLimits.fetch, expected: [404, 416])
        call.headers.append("accept-encoding", "identity")
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
        var query = [QueryItem("list-type", "2"), QueryItem("prefix", place.prefix + prefix)]
        if let mark { query.append(QueryItem("continuation-token", mark)) }
        let reply = try await call(Call(method: .get, name: "", query: query))
        guard let page = S3Answer.page(reply.body, without: place.prefix) else {
            throw .malformed
        }
        return page
    }

    package func delete(_ name: String) async throws(ObjectFault) {
        _ = try await call(Call(method: .delete, name: name, expected: [404]))
    }

    package func sweepUploads(olderThan seconds: Int64) async throws(ObjectFault) -> Int {
        let limit = outside.time.now - seconds
        var count = 0
        var mark: S3Answer.UploadMark?
        repeat {
            var query = [QueryItem("uploads"), QueryItem("prefix", place.prefix)]
            if let mark {
                query.append(QueryItem("key-marker", mark.name))
                query.append(QueryItem("upload-id-marker", mark.id))
            }
            let reply = try await call(Call(method: .get, name: "", query: query))
            guard let page = S3Answer.uploads(reply.body) else { throw .malformed }
            for upload in page.uploads
            where upload.startedAt < limit && upload.name.hasPrefix(place.prefix) {
                let name = String(upload.name.dropFirst(place.prefix.count))
                _ = try await call(
                    Call(
                        method: .delete, name: name, query: [QueryItem("uploadId", upload.id)],
                        expected: [404]))
                count += 1
            }
            // A store that gives the same mark again would be asked for ever.
            guard page.next != mark || mark == nil else { throw .malformed }
            mark = page.next
        } while mark != nil
        return count
    }
}

extension PutCondition {
    /// The conditional field of a request that stores (RFC 9110 section 13.1.2).
    var headers: Headers {
        switch self {
        case .createOnly: Headers([("if-none-match", "*")])
        case .replace: Headers()
        }
    }
}
