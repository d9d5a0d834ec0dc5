internal import Backends
internal import Digests
internal import HTTPModel

/// One resumable upload: piece by piece, and after a fault from where the service says it is.
struct GCSUpload {
    private let store: GCSObjects
    private let time: any TimeSource
    private let name: String
    private let condition: PutCondition

    init(
        _ store: GCSObjects, _ time: any TimeSource, _ name: String, _ condition: PutCondition
    ) {
        self.store = store
        self.time = time
        self.name = name
        self.condition = condition
    }

    /// How far the service is.
    private enum Progress {
        case offset(Int)
        case ended(PutOutcome)
    }

    /// Sends all of `content`; its digest is known before the last piece goes out.
    func run(_ content: ObjectContent) async throws(ObjectFault) -> PutOutcome {
        guard let session = try await begin(content.byteCount) else { return .alreadyThere }
        do throws(ObjectFault) {
            try await check(content)
            return try await send(content, to: session)
        } catch {
            await abandon(session)
            throw error
        }
    }

    /// The session's URL; nil when the object is there already.
    private func begin(_ byteCount: Int) async throws(ObjectFault) -> AbsoluteURL? {
        let reply = try await store.call(
            .init(
                method: .post,
                url: store.place.upload(store.uploadQuery("resumable", name, condition)),
                headers: Headers([
                    ("content-type", "application/json"),
                    ("x-upload-content-type", "application/octet-stream"),
                    ("x-upload-content-length", String(byteCount)),
                ]), body: Array("{}".utf8), expected: [412]))
        guard reply.status != 412 else { return nil }
        // The token goes there, so it must be the same service.
        guard let session = reply.headers["location"].flatMap({ AbsoluteURL($0) }),
            session.origin == store.place.endpoint.origin
        else { throw .malformed }
        return session
    }

    /// Reads everything once before, since a session cannot be told a digest at its end.
    private func check(_ content: ObjectContent) async throws(ObjectFault) {
        guard var hasher = try? MultiHasher() else { throw .source(.busy) }
        for part in content.parts(of: 1 << 20) { hasher.update(try await content.part(part)) }
        guard hasher.finish().blob == content.digest else { throw .source(.mismatch) }
    }

    private func send(
        _ content: ObjectContent, to session: AbsoluteURL
    ) async throws(ObjectFault) -> PutOutcome {
        var offset = 0
        var attempts = Attempts(time)
        while true {
            let end = min(offset + store.pieceByteCount, content.byteCount)
            var progress: Progress
            do throws(ObjectFault) {
                progress = try await put(
                    try await content.part(offset..<end),
                    "bytes \(offset)-\(end - 1)/\(content.byteCount)", session, repeats: false)
            } catch {
                guard error.meansOutage || error == .refused(status: 408, code: "") else {
                    throw error
                }
                guard await attempts.again() else { throw error }
                progress = try await put(
                    [], "bytes */\(content.byteCount)", session, repeats: true)
            }
            switch progress {
            case .ended(let outcome): return outcome
            case .offset(let next):
                guard next <= end, next >= 0, next < content.byteCount else { throw .malformed }
                // An answer that goes nowhere is an attempt as well.
                if next <= offset, !(await attempts.again()) { throw .malformed }
                if next > offset { attempts = Attempts(time) }
                offset = next
            }
        }
    }

    private func put(
        _ bytes: [UInt8], _ range: String, _ session: AbsoluteURL, repeats: Bool
    ) async throws(ObjectFault) -> Progress {
        let response = try await store.open(
            .init(
                method: .put, url: session, headers: Headers([("content-range", range)]),
                body: bytes, expected: [308, 412]),
            repeats: repeats)
        do throws(UpstreamError) {
            _ = try await response.bytes()
        } catch {
            throw .unreachable(error)
        }
        switch response.status {
        case 412: return .ended(.alreadyThere)
        case 308:
            guard let field = response.headers["range"] else { return .offset(0) }
            guard field.hasPrefix("bytes=0-"), let last = Int(field.dropFirst(8)), last >= 0 else {
                throw .malformed
            }
            return .offset(last + 1)
        default: return .ended(.made)
        }
    }

    private func abandon(_ session: AbsoluteURL) async {
        do throws(ObjectFault) {
            // 499 is the service's word for an upload that was taken back.
            _ = try await store.call(
                .init(method: .delete, url: session, expected: [404, 410, 499]))
        } catch {}
    }
}
