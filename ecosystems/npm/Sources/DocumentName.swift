internal import Ecosystems

/// The documents of a registry, and what they are called in keys.
///
/// A packument has its package's name, a version manifest `name@version`, and the services' documents
/// their path, which begins with `-/` as no package's name does.
enum DocumentName: Sendable, Hashable {
    case packument(PackageName)
    /// A single version's manifest: small, and only read for its facts.
    case manifest(PackageName, version: String)
    case keys
    case attestations(PackageName, version: String)
    /// With the query, canonical and encoded.
    case search(String)

    var text: String {
        switch self {
        case .packument(let package): package.text
        case .manifest(let package, let version): "\(package.text)@\(version)"
        case .keys: Self.keysPath
        case .attestations(let package, let version):
            "\(Self.attestationsPath)\(package.upstreamSegment)@\(version)"
        case .search(let query): Self.searchPath + query
        }
    }

    init?(_ text: String) {
        if text == Self.keysPath {
            self = .keys
        } else if text.hasPrefix(Self.searchPath) {
            self = .search(String(text.dropFirst(Self.searchPath.count)))
        } else if text.hasPrefix(Self.attestationsPath) {
            let rest = text.dropFirst(Self.attestationsPath.count)
            guard let (package, version) = Self.split(rest.replacing("%2f", with: "/")) else {
                return nil
            }
            self = .attestations(package, version: version)
        } else if let package = PackageName(text) {
            self = .packument(package)
        } else {
            guard let (package, version) = Self.split(text[...]) else { return nil }
            self = .manifest(package, version: version)
        }
    }

    /// `name@version`; the name may begin with an `@` of its own.
    static func split(_ text: Substring) -> (PackageName, version: String)? {
        guard let at = text.dropFirst().firstIndex(of: "@"),
            let package = PackageName(String(text[..<at]))
        else { return nil }
        let version = String(text[text.index(after: at)...])
        return VersionName.isName(version) ? (package, version) : nil
    }

    static let keysPath = "-/npm/v1/keys"
    static let attestationsPath = "-/npm/v1/attestations/"
    static let searchPath = "-/v1/search?"
}

/// The text of a version or a tag.
enum VersionName {
    /// Whether a version or a tag may be spelled so: no path, no query, nothing to escape.
    static func isName(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text != "-"
            && text.utf8.allSatisfy { byte in
                PackageName.isAllowed(byte) || byte == UInt8(ascii: "+")
            }
    }
}
