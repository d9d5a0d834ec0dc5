internal import Admission
internal import CacheRules
internal import Ecosystems
internal import HTTPModel
internal import Pages
internal import Policy

extension Replies {
    /// Why there is no answer: what failed, where, and what to do.
    static func failure(_ failure: FillFailure, _ inquiry: Inquiry, _ subject: Subject?) -> Reply {
        let label = subject?.mount.label ?? "none"
        var record = subject?.record ?? RequestRecord()
        var status = inquiry.memory.status ?? CacheStatus(forward: .uriMiss)
        status.isStored = false
        switch failure {
        case .absent(let code), .upstreamRefused(let code), .upstreamAnswered(let code):
            status.forwardStatus = code
        default: break
        }
        record.cacheStatus = status
        if case .refusedByPolicy(let refusal) = failure { record.policy = refusal }
        var fields = ReplyFields()
        if let seconds = failure.retryAfterSeconds { fields.add("Retry-After", "\(seconds)") }
        fields.add("Cache-Control", "no-store")
        fields.add("Vary", varies)
        fields.add("Cache-Status", status.text)
        var reply = page(
            failure.status, failure.sentence(upstream: label), fields, inquiry.request, record,
            subject?.mount.errorForm ?? .plain, cause: failure)
        // pip shows the phrase and nothing else.
        if case .refusedByPolicy(let refusal) = failure {
            reply.phrase = refusal.sentence.utf8.prefix(200).map {
                (0x20..<0x7F).contains($0) ? $0 : 0x3F
            }
        }
        return reply
    }

    /// An answer that needed neither upstream nor store.
    static func refusal(
        _ status: Int, _ reason: String, for request: RequestHead, _ mount: Mount? = nil
    ) -> Reply {
        var fields = ReplyFields()
        if status == 405 { fields.add("Allow", mount?.allowed() ?? "GET, HEAD") }
        fields.add("Vary", varies)
        return page(
            status, reason, fields, request, RequestRecord(), mount?.errorForm ?? .plain)
    }

    /// What those get who may not enter.
    static func shut(
        _ refusal: EntryRefusal, for request: RequestHead, _ form: ErrorForm
    ) -> Reply {
        var fields = ReplyFields()
        if refusal == .unauthenticated {
            // npm takes a challenge of Basic for a wrong password, and says so.
            if form == .json { fields.add("WWW-Authenticate", "Bearer realm=\"larder\"") }
            fields.add("WWW-Authenticate", "Basic realm=\"larder\", charset=\"UTF-8\"")
        }
        // Without a door to be shut it is a path that leads nowhere, as ever.
        if refusal != .absent { fields.add("Cache-Control", "no-store") }
        fields.add("Vary", varies)
        return page(refusal.status, refusal.sentence, fields, request, RequestRecord(), form)
    }

    /// What the server found wrong with a request below a mount.
    static func refusal(
        _ refusal: Refusal, for request: RequestHead, _ mount: Mount
    ) -> Reply {
        let isUnknown = refusal.record.ecosystem == RequestRecord().ecosystem
        let record = isUnknown ? Subject(mount: mount).record : refusal.record
        guard !request.prefersHTML else {
            var page = refusal.page
            page.record = record
            return page
        }
        var fields = ReplyFields()
        fields.add("Content-Type", mount.errorForm.contentType)
        fields.add("X-Content-Type-Options", "nosniff")
        return Reply(
            status: refusal.status, fields: refusal.fields + fields.bytes,
            body: .bytes(mount.errorForm.body("larder: \(refusal.sentence)")), record: record)
    }

    static func methodNotAllowed(
        for request: RequestHead, _ mount: Mount, allowed methods: String = "GET, HEAD"
    ) -> Reply {
        var fields = ReplyFields()
        fields.add("Allow", mount.allowed(methods))
        let sentence =
            methods == "POST"
            ? "only POST is allowed here." : "larder only reads; use GET or HEAD here."
        return page(405, sentence, fields, request, RequestRecord(), mount.errorForm)
    }

    /// What the upstream said to a forwarded request; an error in words of ours where the upstream's
    /// are in no form that the client reads.
    static func forwarded(
        _ answer: Forwarding.Answer, _ inquiry: Inquiry, _ subject: Subject
    ) -> Reply {
        var status = inquiry.memory.status ?? CacheStatus(forward: .method)
        status.forwardStatus = answer.status
        var record = subject.record
        record.cacheStatus = status
        var fields = ReplyFields()
        if let seconds = answer.retryAfterSeconds { fields.add("Retry-After", "\(seconds)") }
        fields.add("Cache-Control", "no-store")
        fields.add("Cache-Status", status.text)
        let form = subject.mount.errorForm
        let isJSON = answer.contentType.asciiLowercased.contains("json")
        if answer.status >= 400, form == .json, !isJSON {
            let failure = FillFailure.upstreamAnswered(status: answer.status)
            return page(
                answer.status, failure.sentence(upstream: subject.mount.label), fields,
                inquiry.request, record, form)
        }
        fields.add("Content-Type", answer.contentType)
        fields.add("X-Content-Type-Options", "nosniff")
        // What others wrote must not act in our name in a browser.
        fields.add("Content-Security-Policy", "default-src 'none'")
        var reply = Reply(
            status: answer.status, fields: fields.bytes,
            body: answer.status == 204 ? .none : .bytes(answer.bytes), record: record)
        reply.lease = answer.lease
        return reply
    }

    /// The answer to OPTIONS: what may be asked here, and by whom (Fetch Standard, "CORS protocol").
    static func options(_ mount: Mount) -> Reply {
        var fields = ReplyFields()
        fields.add("Allow", mount.allowed())
        return Reply(
            status: 204, fields: fields.bytes + (mount.optionsFields ?? []), body: .none,
            record: Subject(mount: mount).record)
    }

    static func redirect(
        to location: String, _ permanence: Route.Permanence, for request: RequestHead,
        _ mount: Mount
    ) -> Reply {
        var fields = ReplyFields()
        fields.add("Location", location)
        fields.add("Vary", varies)
        let status = permanence == .permanent ? 301 : 302
        return page(
            status, "see the Location field.", fields, request, Subject(mount: mount).record,
            .plain)
    }

    static func here(_ response: HereResponse, _ mount: Mount) -> Reply {
        var fields = ReplyFields()
        fields.add("Content-Type", response.contentType)
        fields.add("X-Content-Type-Options", "nosniff")
        return Reply(
            status: 200, fields: fields.bytes, body: .bytes(response.body),
            record: Subject(mount: mount).record)
    }

    /// An error without further fields.
    static func text(
        _ status: Int, _ sentence: String, _ form: ErrorForm, record: RequestRecord
    ) -> Reply {
        var fields = ReplyFields()
        fields.add("Content-Type", form.contentType)
        fields.add("X-Content-Type-Options", "nosniff")
        return Reply(
            status: status, fields: fields.bytes, body: .bytes(form.body(sentence)),
            record: record)
    }

    /// A line for a client, a page for a browser.
    private static func page(
        _ status: Int, _ sentence: String, _ fields: ReplyFields, _ request: RequestHead,
        _ record: RequestRecord, _ form: ErrorForm, cause: FillFailure? = nil
    ) -> Reply {
        var fields = fields
        fields.add("X-Content-Type-Options", "nosniff")
        guard status >= 400, request.prefersHTML else {
            fields.add("Content-Type", form.contentType)
            return Reply(
                status: status, fields: fields.bytes, body: .bytes(form.body(sentence)),
                record: record)
        }
        let page = ErrorPage(
            status, sentence, at: cause?.place ?? .client, advice: cause?.advice ?? clientAdvice
        ).page
        return Reply(
            status: status, fields: fields.bytes + Array(page.fields.utf8),
            body: .bytes(page.bytes), record: record)
    }

    private static let clientAdvice =
        "Check the address. The first page of this server shows how each client is set up, and "
        + "finds what is stored."
}
