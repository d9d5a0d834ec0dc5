package import HTTPModel

/// The paths of pages, all below `/-/`, where no mount may be.
///
/// npm's own services are below `/-/` too, at the root for some clients, under other names.
package enum OwnPaths {
    package static let search = "/-/search"
    private static let packages = "/-/packages"
    /// The longest text that is searched for, in bytes.
    package static let queryLimit = 100
    private static let nameLimit = 400

    package enum Place: Sendable, Hashable {
        case front
        case search(String)
        case package(PackageName)
        case stylesheet, icon
        /// Below a path of ours, and nothing.
        case nothing

        /// Whether it says nothing of what is stored.
        package var isDecoration: Bool {
            switch self {
            case .stylesheet, .icon, .nothing: true
            case .front, .search, .package: false
            }
        }
    }

    /// What a target names of ours; nil where it is somebody else's.
    package static func place(_ target: RequestTarget) -> Place? {
        let segments = target.segments
        guard let first = segments.first?.text else { return .front }
        guard first == "-", segments.count > 1 else { return nil }
        let rest = segments.dropFirst(2).map(\.text)
        switch segments[1].text {
        case "search": return rest.isEmpty ? .search(query(target.query)) : .nothing
        case "packages":
            guard rest.count >= 2, rest.count <= 3 else { return .nothing }
            let name = rest.dropFirst().joined(separator: "/")
            guard name.utf8.count <= nameLimit else { return .nothing }
            return .package(PackageName(ecosystem: rest[0], name: name))
        case "assets":
            let path = "/-/assets/" + rest.joined(separator: "/")
            return path == Stylesheet.path
                ? .stylesheet : path == Icon.path ? .icon : .nothing
        default: return nil
        }
    }

    static func path(of package: PackageName) -> String {
        let segments = [package.ecosystem] + package.name.split(separator: "/").map(String.init)
        return packages
            + segments.map { "/" + PercentEncoding.encodedSegment($0, keeping: "@") }
            .joined()
    }

    /// The text of `q`, at most ``queryLimit`` bytes of it, without spaces around it.
    private static func query(_ text: String?) -> String {
        for pair in (text ?? "").split(separator: "&", maxSplits: 16) where pair.hasPrefix("q=") {
            let encoded = pair.dropFirst(2).utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }
            guard let bytes = PercentEncoding.decoded(encoded),
                let decoded = String(validating: bytes, as: UTF8.self)
            else { return "" }
            var query = String(decoded.trimmingWhitespace)
            while query.utf8.count > queryLimit { query.removeLast() }
            return query
        }
        return ""
    }
}
