package import Backends
package import HTTPModel

/// The final head of one response, and how its body ends.
package struct ResponseHead: Sendable, Hashable {
    package let status: Int
    package let headers: Headers
    package let framing: Framing

    /// Where the body ends (RFC 9112 section 6.3).
    package enum Framing: Sendable, Hashable {
        /// There is none, whatever the fields say: 204, 304.
        case none
        case length(Int)
        /// The protocol marks the end: the last chunk, or the end of an HTTP/2 stream.
        case marked
        /// Only the end of the connection marks it, so a cut one looks complete.
        case close
    }

    package init(status: Int, headers: Headers, framing: Framing) {
        self.status = status
        self.headers = headers
        self.framing = framing
    }

    package var hasProvenEnd: Bool { framing != .close }

    /// What the body is and how long it will be, seen from what was asked for.
    ///
    /// Without asking for a coding the bytes stay as they came, whatever they claim to be: a
    /// digest decides about them (rule I5). Where gzip was asked for, `gzip` and `x-gzip` are the
    /// same (RFC 9110 section 8.4.1.3), and anything else cannot be read.
    ///
    /// - Throws: `.malformed` for a coding that was not asked for, or several.
    package func coding(asked: ContentCoding) throws(UpstreamError) -> ContentCoding {
        guard asked == .gzip, framing != .none, let field = headers.combined("content-encoding")
        else { return .identity }
        switch String(field.trimmingWhitespace).asciiLowercased {
        case "", "identity": return .identity
        case "gzip", "x-gzip": return .gzip
        default: throw .malformed
        }
    }

    /// The length of the body on the wire, where it is known beforehand.
    package var wireByteCount: Int? {
        switch framing {
        case .none: 0
        case .length(let count): count
        case .marked, .close: nil
        }
    }
}
