internal import HTTPModel

/// Paths below a repository's mount, in the one spelling that names a stored file.
///
/// Each segment is decoded once and encoded again with `+` and the other characters that a path may
/// hold in plain, so `+` and `%2B` are one file, and the served URL has a literal `+`.
enum ChartPath {
    /// The segments in canonical spelling.
    static func canonical(_ segments: some Sequence<String>) -> String {
        segments.map(encoded).joined(separator: "/")
    }

    /// The canonical spelling of an encoded path without its first slash.
    ///
    /// Nil when ``RequestTarget`` would refuse one of the segments: no link may lead nowhere.
    static func canonical(path: Substring) -> String? {
        if isPlain(Array(path.utf8).span) { return String(path) }
        return RequestTarget.decodedSegments(of: path).map { canonical($0) }
    }

    /// Whether a path is in canonical spelling already, as far as a quick look tells.
    static func isPlain(_ path: Span<UInt8>) -> Bool {
        var isStart = true
        for index in path.indices {
            let byte = path[index]
            switch byte {
            case 0x2F: if isStart { return false }
            case 0x2E: if isStart { return false }
            case 0x2B, 0x2D, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x7E: break
            default: return false
            }
            isStart = byte == 0x2F
        }
        return !isStart
    }

    /// The name of an archive, made up for a URL that has none; nil when it could be no segment.
    static func fileName(chart: String, version: String) -> String? {
        guard !chart.isEmpty, !version.isEmpty, chart.utf8.count + version.utf8.count <= 1_000
        else { return nil }
        let name = "\(chart)-\(version).tgz"
        guard RequestTarget.takes(segment: Array(name.utf8)) else { return nil }
        return encoded(name)
    }

    /// Whether a path ends in the name of an archive.
    static func isArchive(_ path: some StringProtocol) -> Bool {
        [".tgz", ".tar.gz"].contains { ending in
            path.hasSuffix(ending) && path.utf8.count > ending.utf8.count
                && !path.hasSuffix("/" + ending)
        }
    }

    /// The relative reference that names a path: a colon in its first segment would end a scheme.
    ///
    /// Source: RFC 3986 section 4.2; Go's `net/url` refuses such a reference.
    static func reference(to path: String) -> String {
        path.prefix { $0 != "/" }.contains(":") ? "./" + path : path
    }

    static let provenance = ".prov"

    /// Where files of other hosts are, and those without a path of their own.
    static let otherHosts = "-"

    private static func encoded(_ segment: String) -> String {
        PercentEncoding.encodedSegment(segment, keeping: "+!$&'()*,:@=")
    }
}
