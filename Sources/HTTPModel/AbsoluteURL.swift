/// An absolute http or https URL, without user information and without a fragment.
///
/// The parts are checked, so that no client and no upstream can smuggle a second host, a control
/// byte or a credential through one (RFC 3986; rule U4 of the reliability study).
package struct AbsoluteURL: Sendable, Hashable, CustomStringConvertible {
    package enum Scheme: String, Sendable, Hashable {
        case http, https
    }

    package let scheme: Scheme
    /// Lower case; an IPv6 literal keeps its brackets.
    package let host: String
    /// Given or the scheme's own.
    package let port: Int
    /// Begins with a slash; still percent-encoded; without `.` and `..` segments.
    package let path: String
    /// What follows `?`, still encoded.
    package let query: String?

    /// Scheme, host and port: what credentials are bound to (rule U3).
    package struct Origin: Sendable, Hashable {
        package let scheme: Scheme
        package let host: String
        package let port: Int

        /// An origin where nothing can be: its top-level domain is reserved (RFC 6761 section 6.4).
        package static let nowhere = Origin(scheme: .http, host: "larder.invalid", port: 80)

        /// The URL of its root.
        package var text: String { "\(scheme.rawValue)://\(host):\(port)/" }
    }

    package var origin: Origin { Origin(scheme: scheme, host: host, port: port) }

    /// Reads an absolute URL of at most 8 KiB, or gives nil.
    ///
    /// A fragment is dropped.
    package init?(_ text: some StringProtocol) {
        // On utf8 from here on: an index names thousands of URLs, and a character costs ten times
        // what a byte does.
        let text = String(text)
        guard Self.isPlain(text) else { return nil }
        let whole = Self.withoutFragment(text)
        guard let colon = whole.utf8.firstIndex(of: UInt8(ascii: ":")),
            let scheme = Scheme(rawValue: String(whole[..<colon]).asciiLowercased),
            whole[colon...].utf8.starts(with: "://".utf8)
        else { return nil }
        let rest = whole[whole.utf8.index(colon, offsetBy: 3)...]
        let end = rest.utf8.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.endIndex
        guard let authority = Authority(rest[..<end], scheme: scheme) else { return nil }
        self.scheme = scheme
        host = authority.host
        port = authority.port
        let (path, query) = Self.parts(rest[end...])
        self.path = Self.withoutDots(path)
        self.query = query
    }

    /// Whether a text of at most 8 KiB holds only what a URL may hold.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 8_192
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C && $0 != 0x22 }
    }

    private static func withoutFragment(_ text: String) -> Substring {
        text[..<(text.utf8.firstIndex(of: UInt8(ascii: "#")) ?? text.endIndex)]
    }

    /// A path and what follows its question mark.
    private static func parts(_ text: Substring) -> (path: String, query: String?) {
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            return (String(text), nil)
        }
        return (String(text[..<mark]), String(text[text.utf8.index(after: mark)...]))
    }

    private init(_ base: AbsoluteURL, path: String, query: String?) {
        scheme = base.scheme
        host = base.host
        port = base.port
        self.path = Self.withoutDots(path)
        self.query = query
    }

    /// Resolves a reference against this URL (RFC 3986 section 5.2).
    ///
    /// Nil when the result would not be an http or https URL. The fragment is dropped.
    package func resolving(_ reference: some StringProtocol) -> AbsoluteURL? {
        let bare = String(Self.withoutFragment(String(reference)))
        let text = String(bare.trimmingWhitespace)
        guard Self.isPlain(text) else { return nil }
        if text.isEmpty { return self }
        if text.utf8.starts(with: "//".utf8) { return AbsoluteURL("\(scheme.rawValue):\(text)") }
        let end = text.utf8.firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x3A }
        if let end, text.utf8[end] == UInt8(ascii: ":") { return AbsoluteURL(text) }
        let (path, query) = Self.parts(text[...])
        if path.isEmpty { return AbsoluteURL(self, path: self.path, query: query) }
        if path.utf8.first == 0x2F { return AbsoluteURL(self, path: path, query: query) }
        let folder = self.path[...(self.path.utf8.lastIndex(of: 0x2F) ?? self.path.startIndex)]
        return AbsoluteURL(self, path: folder + path, query: query)
    }

    /// This URL without its query and with `plainPath` put behind its path.
    ///
    /// For text of which the caller knows that it is plain: unreserved characters, and slashes
    /// that leave no segment empty or begun with a dot. Nothing is read again, so it is cheap
    /// enough for each file of a large index.
    package func appending(plainPath: String) -> AbsoluteURL {
        AbsoluteURL(self, checkedPath: path + plainPath)
    }

    private init(_ base: AbsoluteURL, checkedPath: String) {
        scheme = base.scheme
        host = base.host
        port = base.port
        path = checkedPath
        query = nil
    }

    /// `host` or `host:port` where the port is not the scheme's own.
    package var authority: String {
        port == Self.standardPort(scheme) ? host : "\(host):\(port)"
    }

    package var description: String {
        "\(scheme.rawValue)://\(authority)\(path)" + (query.map { "?" + $0 } ?? "")
    }

    fileprivate static func standardPort(_ scheme: Scheme) -> Int {
        scheme == .https ? 443 : 80
    }

    /// Removes dot segments (RFC 3986 section 5.2.4); an empty path becomes `/`.
    private static func withoutDots(_ path: String) -> String {
        guard path.utf8.first != 0x2F || hasDotSegment(path) else { return path }
        var kept: [Substring] = []
        let pieces = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, piece) in zip(0..., pieces) {
            let isLast = index == pieces.count - 1
            switch piece {
            case ".": if isLast { kept.append("") }
            case "..":
                kept = kept.dropLast()
                if isLast { kept.append("") }
            default: kept.append(piece)
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    /// Whether a segment begins with a dot, so that it may be one of `.` and `..`.
    private static func hasDotSegment(_ path: String) -> Bool {
        var isStart = false
        for byte in path.utf8 {
            if isStart, byte == UInt8(ascii: ".") { return true }
            isStart = byte == UInt8(ascii: "/")
        }
        return false
    }
}

/// Host and port of a URL: no user information, a host of the plain grammar, a port of 1 to 65535.
private struct Authority {
    let host: String
    let port: Int

    init?(_ text: some StringProtocol, scheme: AbsoluteURL.Scheme) {
        var name = Substring(text)
        var portText: Substring?
        if name.utf8.first == UInt8(ascii: "[") {
            guard let close = name.firstIndex(of: "]") else { return nil }
            let after = name[name.index(after: close)...]
            name = name[...close]
            if after.hasPrefix(":") {
                portText = after.dropFirst()
            } else if !after.isEmpty {
                return nil
            }
            let inside = name.dropFirst().dropLast().utf8
            guard !inside.isEmpty,
                inside.allSatisfy({
                    PercentEncoding.hexValue($0) != nil || $0 == 0x3A || $0 == 0x2E
                })
            else { return nil }
        } else {
            if let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) {
                portText = name[name.utf8.index(after: colon)...]
                name = name[..<colon]
            }
            guard !name.isEmpty, name.utf8.count <= 253,
                name.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) && $0 != 0x7E })
            else { return nil }
        }
        host = String(name).asciiLowercased
        guard let portText, !portText.isEmpty else {
            port = AbsoluteURL.standardPort(scheme)
            return
        }
        guard portText.utf8.count <= 5, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(portText), (1...65_535).contains(number)
        else { return nil }
        port = number
    }
}
