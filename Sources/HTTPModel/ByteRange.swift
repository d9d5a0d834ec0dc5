/// One range of a Range header (RFC 9110 section 14.1.2).
package enum ByteRange: Sendable, Hashable {
    /// `bytes=a-b`, both ends included.
    case closed(first: Int, last: Int)
    /// `bytes=a-`.
    case from(Int)
    /// `bytes=-n`: the last n bytes.
    case suffix(Int)

    /// Reads a Range field with exactly one range.
    ///
    /// Another unit, several ranges, or a malformed one gives nil, and the field is then ignored: a
    /// server may always answer with the whole (RFC 9110 section 14.2).
    package init?(_ text: String) {
        let field = text.trimmingWhitespace
        guard field.utf8.count > 6, field.prefix(6).lowercased() == "bytes=" else { return nil }
        let ends = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        switch (Self.position(ends[0]), Self.position(ends[1])) {
        case (.number(let first), .number(let last)) where first <= last:
            self = .closed(first: first, last: last)
        case (.number(let first), .empty): self = .from(first)
        case (.empty, .number(let count)): self = .suffix(count)
        default: return nil
        }
    }

    /// The bytes this range names in a representation of `byteCount` bytes.
    package func resolved(in byteCount: Int) -> Resolution {
        switch self {
        case .closed(let first, let last):
            first < byteCount ? .part(first..<min(last, byteCount - 1) + 1) : .unsatisfiable
        case .from(let first):
            first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case .suffix(let count):
            count > 0 && byteCount > 0
                ? .part(max(0, byteCount - count)..<byteCount) : .unsatisfiable
        }
    }

    package enum Resolution: Sendable, Hashable {
        case part(Range<Int>)
        /// To be answered 416 with `Content-Range: bytes */<byteCount>`.
        case unsatisfiable
    }

    private enum Position {
        case empty, malformed
        case number(Int)
    }

    private static func position(_ text: Substring) -> Position {
        if text.isEmpty { return .empty }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .malformed }
        // A number that does not fit is beyond any file; RFC 9110 lets us read it as the end.
        return .number(Int(text) ?? Int.max - 1)
    }
}
