package import HTTPModel

/// A forward proxy for requests to upstreams.
package struct Proxy: Equatable, Sendable {
    /// Its path is `/`.
    package let url: AbsoluteURL
    /// ``Credential/basic(username:password:)``, when the URL held a user name.
    package let credential: Credential?

    /// Reads `http://user:password@host:port`, the form that the usual proxy variables have.
    package init?(_ text: String) {
        let user = userInformation(in: text)
        let bare = user.map { text.replacing("\($0)@", with: "", maxReplacements: 1) } ?? text
        guard let url = baseURL(bare), url.path == "/" else { return nil }
        self.url = url
        guard let user else {
            credential = nil
            return
        }
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = parts.compactMap { part in
            PercentEncoding.decoded(part.utf8).flatMap { String(validating: $0, as: UTF8.self) }
        }
        let isClean = decoded.joined().utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard decoded.count == 2, isClean, !decoded[0].isEmpty else { return nil }
        credential = .basic(username: decoded[0], password: Secret(decoded[1]))
    }
}

/// A URL without query and fragment, whose path ends in `/` so that text can be appended.
func baseURL(_ text: String) -> AbsoluteURL? {
    guard !text.utf8.contains(where: { $0 == 0x3F || $0 == 0x23 }),
        PercentEncoding.decoded(text.utf8) != nil
    else { return nil }
    let url = AbsoluteURL(text.hasSuffix("/") ? text : "\(text)/")
    // A URL of an upstream's may have any host that DNS answers for; an operator's has a proper one.
    return url.flatMap { HostAndPort($0.authority) == nil ? nil : $0 }
}

/// What stands before the `@` of a URL's authority; `nil` when there is none.
func userInformation(in text: String) -> Substring? {
    guard let scheme = text.firstRange(of: "://") else { return nil }
    let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return authority.lastIndex(of: "@").map { authority[..<$0] }
}
