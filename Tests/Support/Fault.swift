/// One way in which an upstream fails: a value, so that tables can list it.
///
/// The faults of section 4.6 of the reliability study; names that do not resolve and certificates
/// are a matter of the way to an upstream and stand in the tests that need them.
package enum Fault: Sendable, Hashable {
    // The whole port, whatever the path.
    /// Nobody listens.
    case refused
    /// Somebody listens and accepts nothing, and the kernel's queue is full.
    case unaccepted

    // No answer.
    /// Takes the request and never answers.
    case blackhole
    /// Resets the connection instead of answering.
    case reset
    case endlessHeaders
    /// Something that is not HTTP.
    case wrongProtocol

    // The right answer, damaged.
    /// So many bytes of the body, and then that.
    case cut(afterByteCount: Int, End)
    /// So many bytes, then a pause, and so on.
    case drip(byteCount: Int, milliseconds: Int)
    /// A Content-Length that is more than what is sent, or less.
    case declaring(more: Int)
    /// A body with zeros at its end, of the length that it says.
    case longer(by: Int)
    /// A body without its last bytes, of the length that it says.
    case shorter(by: Int)
    case wrongFirstByte
    case wrongLastByte
    /// The right length, and not one right byte.
    case otherBytes
    case endlessBody
    /// Announced as gzip, and none.
    case brokenGzip
    /// 256 MiB of zeros in a quarter of a mebibyte.
    case gzipBomb

    // Another answer.
    case status(Int)
    /// 429 or 503, perhaps with Retry-After.
    case busy(Int, retryAfter: String?)
    case redirect(to: String)
    /// To itself.
    case redirectLoop
    /// A 304 to whatever was asked, with a tag that nobody has.
    case unaskedNotModified
    /// A 206 of the first half.
    case unaskedPartial
    case loginPage
    /// Bytes under the right type that are no document of it.
    case garbage
    /// Another document or file, such as an older one, under the right type.
    case replaced([UInt8])

    /// What comes after the bytes of a cut.
    package enum End: String, Sendable, Hashable, CaseIterable {
        case reset = "cut"
        /// An orderly end.
        case close = "close"
        /// Nothing more, and the connection stays open.
        case stall = "stall"
    }

    /// Whether it is of the port, so that no path can have it alone.
    package var isOfPort: Bool { self == .refused || self == .unaccepted }
}

/// Which paths a fault is for: one, or with a star at its end all that begin so.
struct FaultRule: Sendable {
    let pattern: String
    let fault: Fault

    /// How much of a path it settles: the more, the earlier it is asked.
    var rank: Int { pattern.hasSuffix("*") ? 2 * pattern.count - 3 : 2 * pattern.count }

    func matches(_ path: String) -> Bool {
        pattern.hasSuffix("*") ? path.hasPrefix(pattern.dropLast()) : path == pattern
    }
}
