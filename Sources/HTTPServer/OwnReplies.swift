internal import Engine
internal import HTTPWire

/// The few answers that the server gives by itself.
enum OwnReplies {
    /// Source: RFC 9110 section 15.5.6.
    static let methodNotAllowed = text(
        405, "only GET and HEAD are allowed here.", fields: "Allow: GET, HEAD\r\n")

    static func fault(_ fault: WireFault) -> Reply {
        text(fault.status, fault.sentence)
    }

    static func failure(_ failure: FillFailure, _ record: RequestRecord) -> Reply {
        let retry = failure.retryAfterSeconds.map { "Retry-After: \($0)\r\n" } ?? ""
        var reply = text(failure.status, failure.sentence(upstream: record.upstream), fields: retry)
        reply.record = record
        return reply
    }

    /// For a client of HTTP/1.0 and bytes that are neither counted nor kept.
    static func needsNewerVersion(_ record: RequestRecord) -> Reply {
        var reply = text(
            503, "larder cannot tell this body's length to a client of HTTP/1.0; use HTTP/1.1.",
            fields: "Retry-After: 5\r\n")
        reply.record = record
        return reply
    }

    /// What a connection over the limit gets, whole.
    static let refusedConnection: [UInt8] = {
        let text = "larder: too many connections; try again.\n"
        return Array(
            ("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
                + "\r\n" + text).utf8)
    }()

    private static func text(_ status: Int, _ sentence: String, fields: String = "") -> Reply {
        Reply(
            status: status,
            fields: Array((fields + "Content-Type: text/plain; charset=utf-8\r\n").utf8),
            body: .bytes(Array("larder: \(sentence)\n".utf8)), record: RequestRecord())
    }
}
