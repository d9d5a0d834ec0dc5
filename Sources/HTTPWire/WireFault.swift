/// Why bytes are not a request that we serve; each is answered once, and the connection closed.
///
/// After a fault nobody can say where the next message begins, so nothing after it is read.
package enum WireFault: Error, Sendable, Hashable, CaseIterable {
    /// A carriage return without a line feed, or the reverse.
    case bareLineEnd
    /// NUL, another control byte or DEL.
    case controlByte
    case requestLineMalformed
    case methodMalformed
    case targetMalformed
    /// Something that is not HTTP/1.0 or HTTP/1.1.
    case versionMalformed, versionUnsupported
    case requestLineTooLong
    case fieldsTooLong, tooManyFields
    /// No colon, an empty name, or a byte in the name that is none of a token.
    case fieldMalformed
    /// A line that begins with a space or tab: an obsolete fold, or junk before the first name.
    case obsoleteFold
    case hostMissing, hostRepeated, hostMalformed
    case contentLengthMalformed, contentLengthRepeated
    case transferCodingMalformed, transferCodingRepeated, transferCodingUnsupported
    /// Transfer-Encoding in a request of HTTP/1.0.
    case transferCodingOutdated
    /// Content-Length together with Transfer-Encoding.
    case framingAmbiguous
    case expectationUnsupported
    case chunkSizeMalformed, chunkExtensionTooLong, chunkEndMalformed, trailersTooLong
    /// The head, or the body that had to be drained, did not come in time.
    case timedOut

    /// The status to answer with.
    package var status: Int {
        switch self {
        case .bareLineEnd, .controlByte, .requestLineMalformed, .methodMalformed, .targetMalformed,
            .versionMalformed, .fieldMalformed, .obsoleteFold, .hostMissing, .hostRepeated,
            .hostMalformed, .contentLengthMalformed, .contentLengthRepeated,
            .transferCodingMalformed, .transferCodingRepeated, .transferCodingOutdated,
            .framingAmbiguous, .chunkSizeMalformed, .chunkExtensionTooLong, .chunkEndMalformed,
            .trailersTooLong:
            400
        case .timedOut: 408
        case .requestLineTooLong: 414
        case .expectationUnsupported: 417
        case .fieldsTooLong, .tooManyFields: 431
        case .transferCodingUnsupported: 501
        case .versionUnsupported: 505
        }
    }

    /// What is wrong, in one sentence that repeats nothing of the request.
    package var sentence: String {
        switch self {
        case .bareLineEnd: "a line of the request does not end in CRLF."
        case .controlByte: "the request holds a control byte."
        case .requestLineMalformed: "the request line is not 'method target version'."
        case .methodMalformed: "the method is not a token of at most 32 bytes."
        case .targetMalformed: "the request target is not a clean path."
        case .versionMalformed: "the request line does not end in an HTTP version."
        case .versionUnsupported: "only HTTP/1.0 and HTTP/1.1 are spoken here."
        case .requestLineTooLong: "the request line is too long."
        case .fieldsTooLong: "the header fields are too long."
        case .tooManyFields: "there are too many header fields."
        case .fieldMalformed: "a header field is not 'name: value'."
        case .obsoleteFold: "a header line begins with a space or tab."
        case .hostMissing: "the Host field is missing."
        case .hostRepeated: "there is more than one Host field."
        case .hostMalformed: "the Host field is not a host."
        case .contentLengthMalformed: "Content-Length is not a number."
        case .contentLengthRepeated: "there is more than one Content-Length field."
        case .transferCodingMalformed: "Transfer-Encoding is malformed."
        case .transferCodingRepeated: "there is more than one Transfer-Encoding field."
        case .transferCodingUnsupported: "the only transfer coding understood here is chunked."
        case .transferCodingOutdated: "HTTP/1.0 has no Transfer-Encoding."
        case .framingAmbiguous: "Content-Length and Transfer-Encoding exclude each other."
        case .expectationUnsupported: "the only expectation understood here is 100-continue."
        case .chunkSizeMalformed: "a chunk of the body has no proper size."
        case .chunkExtensionTooLong: "a chunk extension of the body is too long."
        case .chunkEndMalformed: "a chunk of the body does not end in CRLF."
        case .trailersTooLong: "the trailers of the body are too long."
        case .timedOut: "the request did not come in time."
        }
    }
}
