internal import CacheRules
internal import Ecosystems
internal import HTTPModel

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
        var fields = ReplyFields()
        if let seconds = failure.retryAfterSeconds { fields.add("Retry-After", "\(seconds)") }
        fields.add("Cache-Control", "no-store")
        fields.add("Vary", varies)
        fields.add("Cache-Status", status.text)
        return page(
            failure.status, failure.sentence(upstream: label), fields, inquiry.request, record)
    }

    /// An answer that needed neither upstream nor store.
    static func refusal(_ status: Int, _ reason: String, for request: RequestHead) -> Reply {
        var fields = ReplyFields()
        if status == 405 { fields.add("Allow", "GET, HEAD") }
        fields.add("Vary", varies)
        return page(status, reason, fields, request, RequestRecord())
    }

    static func methodNotAllowed(for request: RequestHead) -> Reply {
        var fields = ReplyFields()
        fields.add("Allow", "GET, HEAD")
        return page(
            405, "larder only reads; use GET or HEAD here.", fields, request, RequestRecord())
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
            status, "see the Location field.", fields, request, Subject(mount: mount).record)
    }

    static func here(_ response: HereResponse, _ mount: Mount) -> Reply {
        var fields = ReplyFields()
        fields.add("Content-Type", response.contentType)
        fields.add("X-Content-Type-Options", "nosniff")
        return Reply(
            status: 200, fields: fields.bytes, body: .bytes(response.body),
            record: Subject(mount: mount).record)
    }

    /// A plain line.
    static func text(_ status: Int, _ sentence: String, record: RequestRecord) -> Reply {
        var fields = ReplyFields()
        fields.add("Content-Type", "text/plain; charset=utf-8")
        fields.add("X-Content-Type-Options", "nosniff")
        return Reply(
            status: status, fields: fields.bytes, body: .bytes(Array("\(sentence)\n".utf8)),
            record: record)
    }

    /// A line for a client, a page for a browser.
    private static func page(
        _ status: Int, _ sentence: String, _ fields: ReplyFields, _ request: RequestHead,
        _ record: RequestRecord
    ) -> Reply {
        var fields = fields
        fields.add("X-Content-Type-Options", "nosniff")
        guard isBrowser(request) else {
            fields.add("Content-Type", "text/plain; charset=utf-8")
            return Reply(
                status: status, fields: fields.bytes, body: .bytes(Array("\(sentence)\n".utf8)),
                record: record)
        }
        fields.add("Content-Type", "text/html; charset=utf-8")
        fields.add("Content-Security-Policy", "default-src 'none'")
        let page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(status) - Larder</title></head>
            <body><h1>\(status)</h1><p>\(escaped(sentence))</p></body></html>

            """
        return Reply(
            status: status, fields: fields.bytes, body: .bytes(Array(page.utf8)), record: record)
    }

    /// Whether HTML is what the client wants most; installers name it last or not at all.
    private static func isBrowser(_ request: RequestHead) -> Bool {
        guard let accept = request.accept else { return false }
        return QualityList(accept).members.first?.name == "text/html"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
