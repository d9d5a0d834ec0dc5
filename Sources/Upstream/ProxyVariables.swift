internal import FoundationEssentials
package import HTTPModel

/// The usual variables for proxies, and which of them applies to a URL.
///
/// libcurl reads them itself unless it is told otherwise, but then nobody here would know whether a
/// connection is a proxy's or direct, and a direct one must keep to the address filter. The rules
/// are those that libcurl documents (`man curl`, section ENVIRONMENT, and CURLOPT_NOPROXY); a
/// variable with an empty value counts as unset.
package struct ProxyVariables: Sendable, Hashable, CustomStringConvertible {
    private let http: String?
    private let https: String?
    private let exceptions: [Exception]

    /// Reads them from an environment.
    package init(_ environment: [String: String]) {
        func first(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        // HTTP_PROXY is never read: in CGI it is the client's Proxy field (RFC 3875 section 4.1.18).
        http = first("http_proxy", "all_proxy", "ALL_PROXY")
        https = first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        exceptions = (first("no_proxy", "NO_PROXY") ?? "").split { $0 == "," || $0.isWhitespace }
            .compactMap { Exception($0) }
    }

    /// Those of this process.
    package static var ofThisProcess: ProxyVariables {
        ProxyVariables(ProcessInfo.processInfo.environment)
    }

    /// The URL of the proxy to ask, or nil when the connection is direct.
    package func proxy(for url: AbsoluteURL) -> String? {
        guard let proxy = url.scheme == .https ? https : http else { return nil }
        let host = HostForm(url.host)
        return exceptions.contains { $0.matches(host) } ? nil : proxy
    }

    /// Nothing: a proxy's URL may hold a password.
    package var description: String { "***" }
}

/// A host as exceptions are compared with it.
private enum HostForm: Hashable {
    case address(IPAddress)
    /// Lower case, without the root's dot.
    case name(String)

    init(_ text: some StringProtocol) {
        var bare = Substring(text)
        if bare.hasPrefix("["), bare.hasSuffix("]") { bare = bare.dropFirst().dropLast() }
        if let address = IPAddress(bare) {
            self = .address(address)
        } else {
            if bare.hasSuffix(".") { bare = bare.dropLast() }
            self = .name(bare.lowercased())
        }
    }
}

/// One entry of `no_proxy`.
private enum Exception: Hashable {
    case everything
    /// A name and all names below it.
    case domain(String)
    case network(AddressBlock)

    init?(_ text: Substring) {
        if text == "*" {
            self = .everything
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        switch HostForm(parts[0]) {
        case .address:
            let bare = text.filter { $0 != "[" && $0 != "]" }
            guard let block = AddressBlock(bare) else { return nil }
            self = .network(block)
        case .name(let name):
            let domain = name.drop { $0 == "." }
            guard parts.count == 1, !domain.isEmpty else { return nil }
            self = .domain(String(domain))
        }
    }

    func matches(_ host: HostForm) -> Bool {
        switch (self, host) {
        case (.everything, _): true
        case (.domain(let domain), .name(let name)): name == domain || name.hasSuffix("." + domain)
        case (.network(let block), .address(let address)): block.contains(address)
        case (.domain, .address), (.network, .name): false
        }
    }
}
