internal import HTTPModel

/// The last segment of a tarball's URL here, and where it is a version's conventional one.
///
/// It is that of the upstream's URL where that is one, so that lock files hold what the registry's
/// would. GitHub's end in a hash instead. Source: npm's own convention `<name>-<version>.tgz`.
enum TarballName {
    static let suffix = ".tgz"

    /// What a version's tarball is called here; URL and version as the document has them, decoded.
    static func name(
        for url: ArraySlice<UInt8>, of package: PackageName, version: [UInt8]
    )
        -> String
    {
        if let segment = lastSegment(of: url) { return segment }
        let bare = version.prefix { $0 != UInt8(ascii: "+") }
        let safe = bare.map { isSafe($0) ? $0 : UInt8(ascii: "_") }
        return "\(package.plain)-\(String(decoding: safe, as: UTF8.self))\(suffix)"
    }

    /// The last segment of a URL, where it is a file's name as it stands.
    static func plainSegment(of url: [UInt8]) -> ArraySlice<UInt8>? {
        var start = url.count
        while start > 0, url[start - 1] != UInt8(ascii: "/") {
            start -= 1
            guard isSafe(url[start]) else { return nil }
        }
        let segment = url[start...]
        guard start > 0, (suffix.utf8.count + 1...512).contains(segment.count),
            segment.first != 0x2E, segment.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return nil }
        return segment
    }

    /// Whether a file may have this name here; a request for another one need not be looked up.
    static func isName(_ text: String) -> Bool {
        text.utf8.count <= 512 && text.utf8.count > suffix.utf8.count && text.hasSuffix(suffix)
            && text.utf8.first != 0x2E && text.utf8.allSatisfy(isSafe)
    }

    /// The version that a conventional name says, where it is one of three numbers.
    ///
    /// Anything else may be a tag, or is no version's name at all.
    static func version(in name: String, of package: PackageName) -> String? {
        guard name.hasPrefix(package.plain + "-"), name.hasSuffix(suffix) else { return nil }
        let version = name.dropFirst(package.plain.count + 1).dropLast(suffix.count)
        guard isVersion(version), VersionName.isName(String(version)) else { return nil }
        return String(version)
    }

    /// Whether a text is `X.Y.Z`, with what may follow that (Semantic Versioning 2.0.0).
    private static func isVersion(_ text: Substring) -> Bool {
        let bytes = text.utf8
        let core = bytes.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        let numbers = core.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3, core.count == bytes.count || core.count + 1 < bytes.count else {
            return false
        }
        return numbers.allSatisfy { number in
            (1...16).contains(number.count) && number.allSatisfy { $0 &- 0x30 < 10 }
        }
    }

    private static func lastSegment(of url: ArraySlice<UInt8>) -> String? {
        let path = url.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let segment = path[(slash + 1)...]
        let text: String
        if segment.contains(UInt8(ascii: "%")) {
            guard let decoded = PercentEncoding.decoded(segment) else { return nil }
            text = String(decoding: decoded, as: UTF8.self)
        } else {
            text = String(decoding: segment, as: UTF8.self)
        }
        return isName(text) ? text : nil
    }

    /// What needs no escaping in a path, and no second look anywhere.
    private static func isSafe(_ byte: UInt8) -> Bool {
        PackageName.isAllowed(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "@")
    }
}
