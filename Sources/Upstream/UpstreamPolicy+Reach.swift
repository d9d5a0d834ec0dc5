internal import Backends
internal import HTTPModel

extension UpstreamPolicy {
    /// Whether a URL may be fetched, as far as its text tells (rules U1 and U2).
    ///
    /// A host that nobody listed must be a name of the public internet or a public address. Where a
    /// proxy resolves names this is all that keeps a document's URLs from the inner network.
    func admits(_ url: AbsoluteURL) -> Bool {
        guard allows(url) else { return false }
        return isListed(url) || Self.isPublicName(url.host)
    }

    private static func isPublicName(_ host: String) -> Bool {
        var bare = host[...]
        if bare.hasPrefix("["), bare.hasSuffix("]") { bare = bare.dropFirst().dropLast() }
        if let address = IPAddress(bare) { return AddressFilter.isPublic(address) }
        // Curl's other spellings of an address end in a digit's label; no top-level domain does
        // (RFC 3696 section 2), and names without a dot are of the inner network.
        let labels = bare.split(separator: ".")
        guard labels.count > 1, let last = labels.last, let first = last.utf8.first else {
            return false
        }
        return (0x61...0x7A).contains(first | 0x20) && last.lowercased() != "localhost"
    }
}
