internal import Engine
internal import HTTPWire

/// The few errors that the server finds by itself.
enum OwnReplies {
    static func fault(_ fault: WireFault) -> Refusal {
        Refusal(status: fault.status, sentence: fault.sentence)
    }

    static func failure(_ failure: FillFailure, _ record: RequestRecord) -> Refusal {
        Refusal(
            status: failure.status, sentence: failure.sentence(upstream: record.upstream),
            fields: failure.retryAfterSeconds.map { "Retry-After: \($0)\r\n" } ?? "",
            record: record)
    }

    /// For a client of HTTP/1.0 and bytes that are neither counted nor kept.
    static func needsNewerVersion(_ record: RequestRecord) -> Refusal {
        Refusal(
            status: 503,
            sentence: "larder cannot tell this body's length to a client of HTTP/1.0; "
                + "use HTTP/1.1.",
            fields: "Retry-After: 5\r\n", record: record)
    }

    static let bodyTooLong = Refusal(
        status: 413, sentence: "the request's body is longer than this path takes.")

    static let noRoomForBody = Refusal(
        status: 503, sentence: "there are too many request bodies under way; try again.",
        fields: "Retry-After: 5\r\n")

    static let tooManyWaiting = Refusal(
        status: 503, sentence: "too many requests wait for something not stored; try again.",
        fields: "Retry-After: 1\r\n")

    /// What a connection over the limit gets, whole.
    static let refusedConnection = whole(
        "503 Service Unavailable", "Retry-After: 1\r\n",
        "larder: too many connections; try again.\n")

    /// What a client gets that speaks plain HTTP where TLS is spoken.
    static let plaintextOnTLS = whole(
        "400 Bad Request", "", "larder: this port speaks HTTPS; use an https:// URL.\n")

    /// A message that needs no request.
    private static func whole(_ status: String, _ fields: String, _ text: String) -> [UInt8] {
        Array(
            ("HTTP/1.1 \(status)\r\n\(fields)Connection: close\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
                + "\r\n" + text).utf8)
    }
}
