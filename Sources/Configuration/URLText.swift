/// An absolute `http` or `https` URL without user name, query and fragment, checked once.
///
/// Scheme and host are in lower case, and the path ends in `/`, so that text can be appended.
package struct URLText: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    package let port: UInt16?
    /// Starts and ends in `/`; percent-encoded as it was written.
    package let path: String

    /// Stands in for a bad one until that is reported.
    static let unusable = URLText(
        scheme: "http", host: HostAndPort.unusable.host, port: nil, path: "/")

    private init(scheme: String, host: String, port: UInt16?, path: String) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    package init?(_ text: String) {
        let lowered = asciiLowercased(text.prefix(8))
        let scheme = lowered.hasPrefix("https://") ? "https" : "http"
        guard lowered.hasPrefix("\(scheme)://") else { return nil }
        let rest = text.dropFirst(scheme.count + 3)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let authority = HostAndPort(String(rest[..<slash])), authority.port != 0 else {
            return nil
        }
        let path = rest[slash...]
        guard Self.isPlainPath(path) else { return nil }
        self.init(
            scheme: scheme, host: authority.host, port: authority.port,
            path: path.hasSuffix("/") ? String(path) : "\(path)/")
    }

    package var description: String {
        "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)"
    }

    /// RFC 3986 section 3.3: path characters and whole percent-encodings only, no dot segments.
    private static func isPlainPath(_ path: Substring) -> Bool {
        let bytes = Array(path.utf8)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, isHexDigit(bytes[index + 1]),
                    isHexDigit(bytes[index + 2])
                else { return false }
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                break
            default:
                guard Array("/-._~!$&'()*+,;=:@".utf8).contains(byte) else { return false }
            }
        }
        return path.split(separator: "/").allSatisfy { $0 != "." && $0 != ".." }
    }
}

/// A host with or without a port, as in a URL's authority or a Host field; in lower case.
package struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16?

    /// A reserved name (RFC 2606) that stands in for a bad one until that is reported.
    static let unusable = HostAndPort(host: "host.invalid", port: nil)

    private init(host: String, port: UInt16?) {
        self.host = host
        self.port = port
    }

    package init?(_ text: String) {
        var host = text[...]
        var port: UInt16?
        let bracket = text.lastIndex(of: "]")
        if let colon = text.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy(isDigit), let number = UInt16(digits) else { return nil }
            port = number
            host = text[..<colon]
        }
        guard Self.isHost(host) else { return nil }
        self.init(host: asciiLowercased(host), port: port)
    }

    package var description: String { port.map { "\(host):\($0)" } ?? host }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && isIPv6Address(host.dropFirst().dropLast())
        }
        guard (1...253).contains(host.utf8.count) else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { byte in
                    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
    }
}

/// Lower case for A to Z and nothing else; `lowercased()` knows Unicode, and protocols do not.
func asciiLowercased(_ text: some StringProtocol) -> String {
    String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
}
