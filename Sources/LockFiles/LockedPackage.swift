package import Digests

/// One package at one version, as a lock file wants it.
package struct LockedPackage: Sendable, Hashable {
    package enum Ecosystem: String, Sendable, Hashable, CaseIterable {
        case pypi, npm, helm
    }

    package var ecosystem: Ecosystem
    /// As the lock writes it; of PyPI normalised (PEP 503).
    package var name: String
    /// The version, or for Helm perhaps a range; nil where digests alone say what is wanted.
    package var version: String?
    /// The index, registry or repository that the lock names, without user information.
    package var source: String?
    /// The files that the lock names.
    package var files: [LockedFile] = []
    /// Where it names none: what any wanted file must have one of; empty for all of the version.
    package var digests: [Digest] = []

    package init(
        _ ecosystem: Ecosystem, _ name: String, version: String?, source: String? = nil,
        files: [LockedFile] = [], digests: [Digest] = []
    ) {
        self.ecosystem = ecosystem
        self.name = ecosystem == .pypi ? Self.normalized(name) : name
        self.version = version
        self.source = source.map(Self.withoutUser)
        self.files = files
        self.digests = digests
    }

    /// The package as people write it: `requests 2.32.0`.
    package var title: String { version.map { "\(name) \($0)" } ?? name }

    /// Lower case, and one hyphen for each run of `-`, `_` and `.` (PEP 503).
    package static func normalized(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            guard !["-", "_", "."].contains(scalar) else {
                if !result.hasSuffix("-") { result += "-" }
                continue
            }
            let isUpper = ("A"..."Z").contains(scalar)
            result.unicodeScalars.append(
                isUpper ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
        }
        return result
    }

    private static func withoutUser(_ url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return url }
        let end = url[start...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        guard let at = url[start..<end].lastIndex(of: "@") else { return url }
        return String(url[..<start] + url[url.index(after: at)...])
    }
}

/// One file of a package.
package struct LockedFile: Sendable, Hashable {
    package let name: String
    /// Alternatives of each algorithm; the file has to have one of each.
    package let digests: [Digest]

    package init(name: String, digests: [Digest]) {
        self.name = name
        self.digests = digests
    }
}
