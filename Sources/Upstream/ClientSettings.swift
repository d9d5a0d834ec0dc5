internal import HTTPModel

/// What every transfer of one client has in common.
package struct ClientSettings: Sendable {
    /// For the User-Agent field, `larder/<version> (…)`, in whose comment npm's registry must find
    /// `npm`, or it answers no search.
    package var version: String
    /// A file of PEM certificates to trust instead of the system's, or nil.
    package var certificateFile: String?
    /// Whether servers must prove who they are.
    ///
    /// False is for asking the server of this very machine, whose certificate may be for another name.
    package var verifiesServers = true
    package var proxy: Proxy
    /// What ``Proxy/environment`` means; those of this process unless a test sets others.
    package var proxyVariables = ProxyVariables.ofThisProcess
    /// The most transfers at once; one more fails at once.
    package var transferLimit = 1_024
    /// The most idle connections that are kept, per pool.
    package var idleConnectionLimit = 64

    /// How upstreams are reached.
    ///
    /// Through a proxy the addresses of upstreams are the proxy's to resolve and to judge; then the
    /// list of allowed hosts is what limits a fetch.
    package enum Proxy: Sendable, Hashable, CustomStringConvertible {
        case none
        /// A proxy's URL, perhaps with a password: it does not show itself.
        case url(String)
        /// What the usual variables of the environment say of each URL.
        case environment

        package var description: String {
            switch self {
            case .none: "none"
            case .url: "***"
            case .environment: "environment"
            }
        }
    }

    package init(version: String, certificateFile: String? = nil, proxy: Proxy = .none) {
        self.version = version
        self.certificateFile = certificateFile
        self.proxy = proxy
    }

    /// The URL of the proxy through which a URL is fetched, or nil when the connection is direct.
    func proxyURL(for url: AbsoluteURL) -> String? {
        switch proxy {
        case .none: nil
        // libcurl takes an empty one for none.
        case .url(let proxy): proxy.isEmpty ? nil : proxy
        case .environment: proxyVariables.proxy(for: url)
        }
    }
}
