import Digests
import Foundation
import HTTPModel
import Linux
import Synchronization

/// A bucket in memory behind S3's protocol, with faults as a test wants them.
///
/// It does not check signatures; a real store does that. One bucket in path style, whatever its
/// name.
package final class S3Stub: Sendable {
    package typealias Fault = @Sendable (OriginRequest, _ number: Int) -> OriginAnswer?

    struct State: Sendable {
        var objects: [String: [UInt8]] = [:]
        var uploads: [String: [Int: [UInt8]]] = [:]
        var overwriteCount = 0
        var fault: Fault?
        var seenCount = 0
        var ignoresConditions = false
        /// Seconds since 1970, by names; unknown for what a test put there.
        var storedAt: [String: Int64] = [:]
        var startedAt: [String: (name: String, second: Int64)] = [:]
        var pageCount = 1_000
        var clock: @Sendable () -> Int64 = { Int64(SystemClock.unixSeconds) }
    }

    package let origin: OriginStub
    private let state = Mutex(State())

    package init() throws {
        origin = try OriginStub()
        origin.fallback { [weak self] request, _ in
            self?.answer(request) ?? OriginAnswer(500)
        }
    }

    /// Answers in place of the store where it gives an answer; `number` counts requests from 1.
    package func inject(_ fault: Fault?) {
        state.withLock {
            $0.fault = fault
            $0.seenCount = 0
        }
    }

    package var ignoresConditions: Bool {
        get { state.withLock { $0.ignoresConditions } }
        set { state.withLock { $0.ignoresConditions = newValue } }
    }

    /// Makes an object older than it is.
    package func age(_ name: String, seconds: Int64) {
        state.withLock { $0.storedAt[name]? -= seconds }
    }

    /// Says when an object was stored that a test put there, in seconds since 1970.
    package func set(_ name: String, storedAt second: Int64) {
        state.withLock { $0.storedAt[name] = second }
    }

    /// How much a page of a list holds.
    package var pageCount: Int {
        get { state.withLock { $0.pageCount } }
        set { state.withLock { $0.pageCount = newValue } }
    }

    /// Takes the time, in seconds since 1970, from there.
    package func follow(_ clock: @escaping @Sendable () -> Int64) {
        state.withLock { $0.clock = clock }
    }

    /// Objects by their names below the bucket.
    package var objects: [String: [UInt8]] {
        get { state.withLock { $0.objects } }
        set { state.withLock { $0.objects = newValue } }
    }

    /// How many uploads were begun and neither completed nor taken back.
    package var openUploadCount: Int { state.withLock { $0.uploads.count } }

    /// How often an object took the place of another.
    package var overwriteCount: Int { state.withLock { $0.overwriteCount } }

    /// Carries out the completion of the uploads under way, all of them as one object.
    package func completeUploads(as name: String) {
        state.withLock { state in
            for parts in state.uploads.values {
                state.objects[name] = parts.keys.sorted().flatMap { parts[$0] ?? [] }
            }
            state.uploads = [:]
        }
    }

    private func answer(_ request: OriginRequest) -> OriginAnswer {
        let (fault, number) = state.withLock { state in
            state.seenCount += 1
            return (state.fault, state.seenCount)
        }
        if let answer = fault?(request, number) { return answer }
        let name = Self.name(request)
        return state.withLock { $0.answer(request, name, Query(request.target)) }
    }

    /// The name of the object that a request is about; empty for the bucket.
    package static func name(_ request: OriginRequest) -> String {
        let parts = request.path.split(separator: "/", maxSplits: 1)
        let bytes = parts.count > 1 ? PercentEncoding.decoded(parts[1].utf8) : nil
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    package static func error(_ status: Int, _ code: String) -> OriginAnswer {
        OriginAnswer(status, .bytes(Array("<Error><Code>\(code)</Code></Error>".utf8)))
    }
}

/// The query of a target, decoded.
struct Query {
    private let items: [String: String]

    init(_ target: String) {
        let text = target.drop { $0 != "?" }.dropFirst()
        var items: [String: String] = [:]
        for item in text.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1).map {
                String(decoding: PercentEncoding.decoded($0.utf8) ?? [], as: UTF8.self)
            }
            items[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        self.items = items
    }

    subscript(name: String) -> String? { items[name] }
}

extension S3Stub.State {
    fileprivate mutating func answer(
        _ request: OriginRequest, _ name: String, _ query: Query
    ) -> OriginAnswer {
        switch (request.method, query["uploadId"]) {
        case ("GET", _) where name.isEmpty && query["uploads"] != nil:
            return listUploads(after: query["upload-id-marker"] ?? "")
        case ("GET", _) where name.isEmpty:
            return list(query["prefix"] ?? "", after: query["continuation-token"] ?? "")
        case ("POST", nil): return begin(name)
        case ("PUT", let id?): return part(request, id, query["partNumber"].flatMap { Int($0) })
        case ("POST", let id?): return complete(request, name, id)
        case ("DELETE", let id?):
            return uploads.removeValue(forKey: id) == nil
                ? S3Stub.error(404, "NoSuchUpload") : OriginAnswer(204)
        case ("PUT", nil): return put(name, request.body, request)
        case ("DELETE", nil):
            objects[name] = nil
            return OriginAnswer(204)
        case ("GET", _), ("HEAD", _):
            guard let object = objects[name] else { return S3Stub.error(404, "NoSuchKey") }
            let date = storedAt[name].map { ("Last-Modified", HTTPDate(seconds: $0).text) }
            return .bytes(object).with(\.isConditional, true)
                .with(\.fields, date.map { [$0] } ?? [])
        default: return S3Stub.error(405, "MethodNotAllowed")
        }
    }

    private mutating func put(
        _ name: String, _ bytes: [UInt8], _ request: OriginRequest
    ) -> OriginAnswer {
        if objects[name] != nil {
            if request.headers["if-none-match"] == "*", !ignoresConditions {
                return S3Stub.error(412, "PreconditionFailed")
            }
            overwriteCount += 1
        }
        objects[name] = bytes
        storedAt[name] = clock()
        return OriginAnswer(200, fields: [("ETag", "\"whole\"")])
    }

    private mutating func begin(_ name: String) -> OriginAnswer {
        let id = "id/\(uploads.count)+\(seenCount)"
        uploads[id] = [:]
        startedAt[id] = (name, clock())
        let text = "<UploadId>\(id)</UploadId>"
        return .bytes(
            Array("<InitiateMultipartUploadResult>\(text)</InitiateMultipartUploadResult>".utf8))
    }

    private mutating func part(
        _ request: OriginRequest, _ id: String, _ number: Int?
    ) -> OriginAnswer {
        guard let number, uploads[id] != nil else { return S3Stub.error(404, "NoSuchUpload") }
        guard request.headers["x-amz-content-sha256"] == BlobDigest.of(request.body).hex else {
            return S3Stub.error(400, "XAmzContentSHA256Mismatch")
        }
        uploads[id]?[number] = request.body
        return OriginAnswer(200, fields: [("ETag", "\"part-\(number)\"")])
    }

    private mutating func complete(
        _ request: OriginRequest, _ name: String, _ id: String
    ) -> OriginAnswer {
        guard let parts = uploads[id] else { return S3Stub.error(404, "NoSuchUpload") }
        let numbers = parts.keys.sorted()
        let named = numbers.map {
            "<Part><PartNumber>\($0)</PartNumber><ETag>\"part-\($0)\"</ETag></Part>"
        }
        let expected = "<CompleteMultipartUpload>\(named.joined())</CompleteMultipartUpload>"
        guard request.body == Array(expected.utf8), numbers == Array(1...numbers.count) else {
            return S3Stub.error(400, "InvalidPart")
        }
        let answer = put(name, numbers.flatMap { parts[$0] ?? [] }, request)
        guard answer.status == 200 else { return answer }
        uploads[id] = nil
        return .bytes(Array("<CompleteMultipartUploadResult/>".utf8))
    }

    private func list(_ prefix: String, after mark: String) -> OriginAnswer {
        let found = objects.filter { $0.key.hasPrefix(prefix) && $0.key > mark }
            .sorted { $0.key < $1.key }
        let page = found.prefix(pageCount).map { name, bytes in
            let date = storedAt[name].map { "<LastModified>\(Self.text($0))</LastModified>" }
            return "<Contents><Key>\(name)</Key><Size>\(bytes.count)</Size>"
                + (date ?? "") + "</Contents>"
        }
        let isCut = found.count > pageCount
        let next =
            "<NextContinuationToken>\(found.prefix(pageCount).last?.key ?? "")"
            + "</NextContinuationToken>"
        let text = "<IsTruncated>\(isCut)</IsTruncated>\(isCut ? next : "")\(page.joined())"
        return .bytes(Array("<ListBucketResult>\(text)</ListBucketResult>".utf8))
    }

    private func listUploads(after mark: String) -> OriginAnswer {
        let found = startedAt.filter { uploads[$0.key] != nil && $0.key > mark }
            .sorted { $0.key < $1.key }
        let page = found.prefix(pageCount)
        let items = page.map { id, upload in
            "<Upload><Key>\(upload.name)</Key><UploadId>\(id)</UploadId>"
                + "<Initiated>\(Self.text(upload.second))</Initiated></Upload>"
        }
        var text = items.joined()
        if found.count > pageCount, let last = page.last {
            text +=
                "<IsTruncated>true</IsTruncated><NextKeyMarker>\(last.value.name)</NextKeyMarker>"
                + "<NextUploadIdMarker>\(last.key)</NextUploadIdMarker>"
        }
        return .bytes(
            Array("<ListMultipartUploadsResult>\(text)</ListMultipartUploadsResult>".utf8))
    }

    /// As RFC 3339 has it.
    static func text(_ second: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(second)).formatted(.iso8601)
    }
}
