internal import Backends
internal import Digests
internal import HTTPModel

/// One upload in parts: completed once, or taken back.
struct S3Upload {
    private let store: S3Objects
    private let name: String
    private let condition: PutCondition

    init(_ store: S3Objects, _ name: String, _ condition: PutCondition) {
        self.store = store
        self.name = name
        self.condition = condition
    }

    /// Sends all of `content`; its digest is compared before the upload is completed.
    func run(_ content: ObjectContent) async throws(ObjectFault) -> PutOutcome {
        // Saves the transfer where the object is there already, which the end would tell anyway.
        if condition == .createOnly, try await store.byteCount(of: name) == content.byteCount {
            return .alreadyThere
        }
        let id = try await begin()
        do throws(ObjectFault) {
            let tags = try await send(content, id)
            let outcome = try await complete(tags, id, content.byteCount)
            if outcome == .alreadyThere { await abandon(id) }
            return outcome
        } catch {
            await abandon(id)
            throw error
        }
    }

    private func begin() async throws(ObjectFault) -> String {
        let reply = try await store.call(
            .init(method: .post, name: name, query: [QueryItem("uploads")], headers: Self.plain))
        guard let id = S3Answer.uploadID(reply.body) else { throw .malformed }
        return id
    }

    /// libcurl would name a type of its own for a POST.
    private static let plain = Headers([("content-type", "application/octet-stream")])

    private func send(_ content: ObjectContent, _ id: String) async throws(ObjectFault) -> [String]
    {
        guard var hasher = try? MultiHasher() else { throw .source(.busy) }
        var tags: [String] = []
        for part in content.parts(of: store.partByteCount) {
            let bytes = try await content.part(part)
            hasher.update(bytes)
            let reply = try await store.call(
                .init(
                    method: .put, name: name,
                    query: [
                        QueryItem("partNumber", String(tags.count + 1)), QueryItem("uploadId", id),
                    ], body: bytes))
            guard let tag = reply.headers["etag"] else { throw .malformed }
            tags.append(tag)
        }
        guard hasher.finish().blob == content.digest else { throw .source(.mismatch) }
        return tags
    }

    private func complete(
        _ tags: [String], _ id: String, _ byteCount: Int
    ) async throws(ObjectFault) -> PutOutcome {
        var call = S3Objects.Call(
            method: .post, name: name, query: [QueryItem("uploadId", id)],
            body: S3Answer.completion(tags), expected: [404, 412])
        call.headers = condition.headers
        call.headers.replace("content-type", "application/xml")
        let reply = try await store.call(call)
        switch reply.status {
        case 412: return .alreadyThere
        case 404:
            // An earlier attempt was carried out although its answer was lost.
            guard try await store.byteCount(of: name) == byteCount else {
                throw .refused(status: 404, code: "NoSuchUpload")
            }
            return .made
        default:
            guard S3Answer.isCompleted(reply.body) else {
                throw .refused(status: reply.status, code: S3Answer.errorCode(reply.body))
            }
            return .made
        }
    }

    /// Takes the parts back; where that fails too, ``S3Objects/sweepUploads(olderThan:)`` does it.
    private func abandon(_ id: String) async {
        do throws(ObjectFault) {
            _ = try await store.call(
                .init(
                    method: .delete, name: name, query: [QueryItem("uploadId", id)],
                    expected: [404]))
        } catch {}
    }
}
