package import Backends
internal import HTTPModel

/// Reads the head of one response from its lines, strictly and within limits.
///
/// libcurl reads the same lines for itself and is more lenient; what this refuses ends the
/// transfer before any body arrives. Informational responses are skipped (RFC 9110 section 15.2);
/// their bytes count as the final head's do.
package struct HeadReader: Sendable {
    package enum Step: Sendable, Hashable {
        case more
        case complete(ResponseHead)
        case refused(UpstreamError)
    }

    /// The most informational responses before the final one.
    package static let informationalLimit = 20

    private let byteLimit: Int
    private let fieldLimit: Int
    private var byteCount = 0
    private var informationalCount = 0
    private var start: StatusLine?
    private var headers = Headers()

    package init(byteLimit: Int, fieldLimit: Int) {
        self.byteLimit = byteLimit
        self.fieldLimit = fieldLimit
    }

    /// Takes one line with its terminator; an empty one ends the head.
    package mutating func take(_ line: [UInt8]) -> Step {
        byteCount += line.count
        guard byteCount <= byteLimit else { return .refused(.tooLarge) }
        var text = line[...]
        if text.last == 0x0A { text.removeLast() }
        if text.last == 0x0D { text.removeLast() }
        guard let start else {
            self.start = StatusLine(text)
            return self.start == nil ? .refused(.malformed) : .more
        }
        if text.isEmpty { return finish(start) }
        guard headers.fields.count < fieldLimit else { return .refused(.tooLarge) }
        guard let (name, value) = Self.field(text) else { return .refused(.malformed) }
        headers.append(name, value)
        return .more
    }

    private mutating func finish(_ start: StatusLine) -> Step {
        guard start.status >= 200 else {
            // 101 would be the answer to an Upgrade that was never sent.
            guard start.status != 101 else { return .refused(.malformed) }
            informationalCount += 1
            guard informationalCount <= Self.informationalLimit else { return .refused(.tooLarge) }
            self.start = nil
            headers = Headers()
            return .more
        }
        guard let framing = Self.framing(start, headers) else { return .refused(.malformed) }
        headers.removeConnectionFields()
        return .complete(ResponseHead(status: start.status, headers: headers, framing: framing))
    }

    /// How the body ends, or nil when the fields contradict each other (RFC 9112 section 6.3).
    ///
    /// Whatever libcurl could decode below us is refused, too: a transfer coding other than exactly
    /// `chunked` would be expanded without any limit.
    private static func framing(
        _ start: StatusLine, _ headers: Headers
    ) -> ResponseHead.Framing? {
        let lengths = headers.fields.filter { $0.name == "content-length" }.map(\.value)
        let codings = headers.fields.filter { $0.name == "transfer-encoding" }.map(\.value)
        guard lengths.count <= 1, codings.count <= 1 else { return nil }
        var length: Int?
        if let text = lengths.first {
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(text)
            else { return nil }
            length = number
        }
        if let coding = codings.first {
            guard start.isHTTP1, start.minor >= 1, length == nil,
                coding.asciiLowercased == "chunked"
            else { return nil }
        }
        if start.status == 204 || start.status == 304 { return ResponseHead.Framing.none }
        if let length { return .length(length) }
        return codings.isEmpty && start.isHTTP1 ? .close : .marked
    }

    /// Splits `name: value`; nil for anything that is not of that grammar (RFC 9112 section 5).
    private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else { return nil }
        let name = line[..<colon]
        let value = line[(colon + 1)...]
        guard name.allSatisfy(isToken),
            value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) })
        else { return nil }
        let text = String(decoding: value, as: UTF8.self).trimmingWhitespace
        return (String(decoding: name, as: UTF8.self), String(text))
    }

    /// tchar, RFC 9110 section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A, 0x7C, 0x7E: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E: true
        default: false
        }
    }
}

/// `HTTP/1.1 200 OK`, or `HTTP/2 200` as libcurl writes it (RFC 9112 section 4).
private struct StatusLine: Sendable {
    let isHTTP1: Bool
    let minor: Int
    let status: Int

    init?(_ line: ArraySlice<UInt8>) {
        let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1].count == 3,
            parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
            let status = Int(String(decoding: parts[1], as: UTF8.self)),
            (100...599).contains(status)
        else { return nil }
        switch String(decoding: parts[0], as: UTF8.self) {
        case "HTTP/1.0": (isHTTP1, minor) = (true, 0)
        case "HTTP/1.1": (isHTTP1, minor) = (true, 1)
        case "HTTP/2": (isHTTP1, minor) = (false, 0)
        default: return nil
        }
        self.status = status
    }
}
