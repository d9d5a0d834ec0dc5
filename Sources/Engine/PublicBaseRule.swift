package import Ecosystems
package import HTTPModel

/// Which base the absolute URLs in an answer have (settings `public_url`, `allowed_hosts`,
/// `trusted_proxies`).
///
/// A host that any client may choose must not get into what others read, and each base costs
/// renderings of its own, so a request's host counts only when it is listed, or when it is loopback
/// and the request comes from this machine or through a trusted proxy. With a proxy between, the proxy's word counts instead of the
/// request's, if the proxy is trusted; a host has to be allowed all the same, since most proxies
/// pass on what their client said.
package struct PublicBaseRule: Sendable, Hashable {
    /// A host in lower case; without a port it is allowed at any.
    package struct Host: Sendable, Hashable {
        package let name: String
        package let port: Int?

        package init(name: String, port: Int? = nil) {
            self.name = name
            self.port = port
        }
    }

    private let fixed: PublicBase?
    /// The path of the public URL without a slash at its end.
    private let prefix: String
    private let allowed: [Host]
    private let trusted: [AddressBlock]
    /// How clients reach this server where no proxy says otherwise.
    private let scheme: AbsoluteURL.Scheme

    package init(
        publicURL: AbsoluteURL? = nil, allowedHosts: [Host] = [],
        trustedProxies: [AddressBlock] = [], scheme: AbsoluteURL.Scheme = .http
    ) {
        fixed = publicURL.map { PublicBase($0) }
        var path = publicURL?.path[...] ?? ""
        while path.last == "/" { path = path.dropLast() }
        prefix = String(path)
        allowed = allowedHosts
        trusted = trustedProxies
        self.scheme = scheme
    }

    /// The base for the answer to a request; nil when its host may not appear in our URLs.
    package func base(of head: RequestHead) -> PublicBase? {
        if let fixed { return fixed }
        var hostText = head.host
        var scheme = self.scheme
        var prefix = ""
        let isTrusted = head.peer.map(isTrusted) ?? false
        if let fields = head.forwarding, isTrusted {
            hostText = fields.nearestHost ?? hostText
            if let text = fields.nearestScheme {
                guard let named = AbsoluteURL.Scheme(rawValue: text) else { return nil }
                scheme = named
            }
            guard let path = Self.path(fields.nearestPrefix ?? "") else { return nil }
            prefix = path
        }
        guard let hostText, let host = Self.host(hostText) else { return nil }
        let standard = scheme == .https ? 443 : 80
        let isNear = isTrusted || head.peer?.isLoopback ?? true
        guard isListed(host, port: host.port ?? standard) || isNear && Self.isLoopback(host.name)
        else { return nil }
        let port = host.port.flatMap { $0 == standard ? nil : ":\($0)" } ?? ""
        return PublicBase(scheme: scheme, authority: host.name + port, prefix: prefix)
    }

    /// A path as it is here: without what the public URL has before it.
    func withoutPrefix(_ path: String) -> String {
        guard !prefix.isEmpty, path.hasPrefix("\(prefix)/") else { return path }
        return String(path.dropFirst(prefix.count))
    }

    private func isTrusted(_ peer: IPAddress) -> Bool {
        trusted.contains { $0.contains(peer) }
    }

    private func isListed(_ host: Host, port: Int) -> Bool {
        allowed.contains { $0.name == host.name && ($0.port ?? port) == port }
    }

    /// `localhost` and what lies below it (RFC 6761 section 6.3), 127.0.0.0/8, `[::1]`.
    private static func isLoopback(_ name: String) -> Bool {
        if name == "localhost" || name == "[::1]" || name.hasSuffix(".localhost") { return true }
        guard name.hasPrefix("127."), case .v4 = IPAddress(name) else { return false }
        return true
    }

    /// Reads `host` or `host:port` in the grammar of Host; nil for anything else.
    private static func host(_ text: String) -> Host? {
        guard (1...260).contains(text.utf8.count) else { return nil }
        let lower = text.asciiLowercased
        let isLiteral = lower.hasPrefix("[")
        let end =
            isLiteral
            ? lower.utf8.firstIndex(of: 0x5D).map { lower.utf8.index(after: $0) }
            : lower.utf8.firstIndex(of: 0x3A) ?? lower.utf8.endIndex
        guard let end else { return nil }
        let name = lower[..<end]
        let isGood = name.utf8.allSatisfy { byte in
            isLiteral
                ? PercentEncoding.hexValue(byte) != nil || [0x3A, 0x2E, 0x5B, 0x5D].contains(byte)
                : PercentEncoding.isUnreserved(byte) && byte != 0x7E
        }
        guard isGood, name.utf8.count > (isLiteral ? 2 : 0) else { return nil }
        let tail = lower[end...]
        guard !tail.isEmpty else { return Host(name: String(name)) }
        let digits = tail.utf8.dropFirst()
        guard tail.utf8.first == 0x3A, digits.count <= 5,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        guard !digits.isEmpty else { return Host(name: String(name)) }
        guard let port = Int(tail.dropFirst()), (1...65_535).contains(port) else { return nil }
        return Host(name: String(name), port: port)
    }

    /// A path of plain segments without a slash at its end, or nil for what could be read otherwise.
    private static func path(_ text: String) -> String? {
        var path = text[...]
        while path.utf8.last == 0x2F { path = path.dropLast() }
        guard !path.isEmpty else { return "" }
        guard path.utf8.count <= 256, path.utf8.first == 0x2F,
            path.utf8.allSatisfy({ PercentEncoding.isUnreserved($0) || $0 == 0x2F })
        else { return nil }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = segments.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        return isPlain ? String(path) : nil
    }
}
