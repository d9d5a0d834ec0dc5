internal import Admission
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Linux
internal import Policy
internal import Resources

/// Final answers from what is known: heads, bodies and records.
enum Replies {
    /// What varies with the client's fields; on every answer but an artifact's.
    static let varies = "Accept, Accept-Encoding"
    /// The same for answers with our URLs: proxies have keys without the host (nginx by default).
    static let variesWithHost =
        varies + ", Host, Forwarded, X-Forwarded-Host, X-Forwarded-Proto, X-Forwarded-Prefix"

    // MARK: Documents

    /// A document's rendering, or a 304 for it.
    static func document(
        _ rendering: StoredResponse, _ file: OpenFile, _ recipe: RenderingFill.Recipe,
        _ inquiry: Inquiry, _ delivery: Delivery, admission: Admission, isDown: Bool
    ) -> Reply {
        let request = inquiry.request
        guard recipe.adapter.documentTags != .upstream else {
            return passedOn(
                rendering, file, inquiry, delivery, admission: admission, isDown: isDown)
        }
        let isWeak = recipe.adapter.documentTags == .weak
        let tag = rendering.entityTag.map { EntityTag(isWeak: isWeak, $0) }
        let date = rendering.headers["last-modified"].flatMap { HTTPDate($0) }
        var fields = ReplyFields()
        if let tag { fields.add("ETag", tag.text) }
        if let date { fields.add("Last-Modified", date.text) }
        fields.add("Cache-Control", delivery.cacheControl)
        fields.add("Vary", recipe.variant.base == nil ? varies : variesWithHost)
        fields.add("Cache-Status", delivery.status.text)
        for field in delivery.subject.mount.passedFields {
            if let value = delivery.headers[field.stored] { fields.add(field.sent, value) }
        }
        let record = record(of: delivery, isDown: isDown)
        // Of two versions within one second a date cannot tell which one the client has.
        let judged = isWeak ? nil : date
        guard request.precondition(tag: tag, lastModified: judged) == .proceed else {
            return admitted(
                admission, inquiry.principal, delivery.subject, rendering,
                Shape(status: 304, fields: fields, record: record, range: nil), from: file)
        }
        let contentType = rendering.headers["content-type"] ?? "application/octet-stream"
        fields.add("Content-Type", contentType)
        if recipe.coding == .gzip { fields.add("Content-Encoding", "gzip") }
        fields.add("X-Content-Type-Options", "nosniff")
        if contentType.hasPrefix("text/html") {
            fields.add("Content-Security-Policy", "default-src 'none'")
        }
        return admitted(
            admission, inquiry.principal, delivery.subject, rendering,
            Shape(
                status: 200, fields: fields, record: record,
                range: OpenRange(lowerBound: 0, upperBound: file.byteCount)), from: file)
    }

    /// A document as its upstream sent it: whole, a range, 304 or 416.
    private static func passedOn(
        _ rendering: StoredResponse, _ file: OpenFile, _ inquiry: Inquiry,
        _ delivery: Delivery, admission: Admission, isDown: Bool
    ) -> Reply {
        var fields = ReplyFields()
        for field in delivery.subject.mount.passedFields {
            if let value = delivery.headers[field.stored] { fields.add(field.sent, value) }
        }
        fields.add("Age", "\(delivery.ageSeconds)")
        fields.add("Accept-Ranges", "bytes")
        fields.add("Cache-Status", delivery.status.text)
        let entity = Entity(
            tag: delivery.headers["etag"].flatMap { EntityTag($0) },
            lastModified: delivery.headers["last-modified"].flatMap { HTTPDate($0) },
            byteCount: file.byteCount,
            contentType: delivery.headers["content-type"] ?? "application/octet-stream")
        let shape = shape(
            of: entity, inquiry.request, fields, record(of: delivery, isDown: isDown))
        return admitted(
            admission, inquiry.principal, delivery.subject, rendering, shape, from: file)
    }

    private static func record(of delivery: Delivery, isDown: Bool) -> RequestRecord {
        var record = delivery.subject.record
        record.cacheStatus = delivery.status
        record.isDuringOutage = isDown || delivery.status.detail == .staleIfError
        return record
    }

    // MARK: Artifacts

    /// A stored artifact: whole, a range, 304 or 416.
    static func artifact(
        _ stored: StoredResponse, _ file: OpenFile, _ inquiry: Inquiry, _ subject: Subject,
        admission: Admission, isDown: Bool
    ) -> Reply {
        let status = inquiry.memory.status ?? .hit
        let entity = Entity(
            tag: stored.entityTag.map { EntityTag(strong: $0) },
            lastModified: stored.headers["last-modified"].flatMap { HTTPDate($0) },
            byteCount: stored.byteCount, contentType: contentType(of: subject))
        var shape = shape(of: entity, inquiry.request, subject, status)
        shape.record.isDuringOutage = isDown
        return admitted(admission, inquiry.principal, subject, stored, shape, from: file)
    }

    /// An artifact that is still arriving.
    static func streaming(
        _ fill: Fill, _ head: Fill.Head, _ inquiry: Inquiry, _ subject: Subject,
        admission: Admission
    ) -> Reply {
        var status = inquiry.memory.status ?? CacheStatus(forward: .uriMiss)
        status.forwardStatus = head.upstreamStatus
        if fill.isRelay {
            status.isStored = false
            status.detail = .relay
        }
        let entity = Entity(
            tag: head.entityTag.map { EntityTag(strong: $0) },
            lastModified: head.lastModified.flatMap { HTTPDate($0) }, byteCount: head.byteCount,
            contentType: contentType(of: subject))
        let shape = shape(of: entity, inquiry.request, subject, status)
        return admitted(admission, inquiry.principal, subject, nil, shape) {
            .fill(fill, from: $0.lowerBound, to: $0.upperBound, $1)
        }
    }

    private struct Entity {
        let tag: EntityTag?
        let lastModified: HTTPDate?
        let byteCount: Int?
        let contentType: String
    }

    /// The bytes to send; the end is open while the length is unknown.
    private struct OpenRange {
        let lowerBound: Int
        let upperBound: Int?
    }

    /// What would be said of an entity; ``admitted(_:_:_:_:_:body:)`` makes a reply of it.
    private struct Shape {
        let status: Int
        let fields: ReplyFields
        var record: RequestRecord
        /// Nil when the reply has no body of the entity.
        let range: OpenRange?
    }

    private static func contentType(of subject: Subject) -> String {
        subject.mount.adapter.form(ofArtifact: subject.resource?.name ?? "").contentType
    }

    /// Of an artifact.
    private static func shape(
        of entity: Entity, _ request: RequestHead, _ subject: Subject, _ status: CacheStatus
    ) -> Shape {
        var fields = ReplyFields()
        if let tag = entity.tag { fields.add("ETag", tag.text) }
        if let date = entity.lastModified { fields.add("Last-Modified", date.text) }
        let storability = subject.mount.storability
        fields.add("Cache-Control", "\(storability), max-age=31536000, immutable")
        fields.add("Accept-Ranges", "bytes")
        fields.add("Cache-Status", status.text)
        var record = subject.record
        record.cacheStatus = status
        return shape(of: entity, request, fields, record)
    }

    /// What conditional fields and Range make of an entity, with the fields that 304 has as well.
    private static func shape(
        of entity: Entity, _ request: RequestHead, _ fields: ReplyFields, _ record: RequestRecord
    ) -> Shape {
        let (tag, date) = (entity.tag, entity.lastModified)
        var fields = fields
        func shape(_ status: Int, _ range: OpenRange?) -> Shape {
            Shape(status: status, fields: fields, record: record, range: range)
        }
        guard request.precondition(tag: tag, lastModified: date) == .proceed else {
            return shape(304, nil)
        }
        fields.add("Content-Type", entity.contentType)
        fields.add("X-Content-Type-Options", "nosniff")
        guard let byteCount = entity.byteCount,
            let range = request.applicableRange(tag: tag, lastModified: date)
        else {
            return shape(200, OpenRange(lowerBound: 0, upperBound: entity.byteCount))
        }
        switch range.resolved(in: byteCount) {
        case .part(let part):
            fields.add(
                "Content-Range",
                "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(byteCount)")
            return shape(
                206, OpenRange(lowerBound: part.lowerBound, upperBound: part.upperBound))
        case .unsatisfiable:
            fields.add("Content-Range", "bytes */\(byteCount)")
            return shape(416, nil)
        }
    }

    private static func admitted(
        _ admission: Admission, _ principal: Principal, _ subject: Subject,
        _ stored: StoredResponse, _ shape: Shape, from file: OpenFile
    ) -> Reply {
        admitted(admission, principal, subject, stored, shape) {
            .file(file, $0.lowerBound..<($0.upperBound ?? file.byteCount), $1)
        }
    }

    /// Asks admission, and makes the reply only with the proof, whether it has a body or not.
    private static func admitted(
        _ admission: Admission, _ principal: Principal, _ subject: Subject,
        _ stored: StoredResponse?, _ shape: Shape, body: (OpenRange, Admitted) -> ReplyBody
    ) -> Reply {
        let resource = subject.resource ?? .document("")
        let upstream = subject.mount.adapter.identity
        let verdict = subject.verdict ?? .refused(.unasked)
        switch admission.admit(
            principal, resource, of: upstream, policy: verdict, body: stored?.body, pin: nil)
        {
        case .success(let proof):
            var record = shape.record
            if shape.range != nil { record.body = stored?.body }
            return Reply(
                status: shape.status, fields: shape.fields.bytes,
                body: shape.range.map { body($0, proof) } ?? .head(proof), record: record)
        case .failure(let refusal):
            let status = refusal.reason == .outOfScope ? 404 : 403
            return text(status, refusal.sentence, subject.mount.errorForm, record: shape.record)
        }
    }
}
