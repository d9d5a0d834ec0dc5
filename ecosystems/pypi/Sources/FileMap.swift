internal import HTTPModel

/// Where we serve a file that a page names.
enum FilePlace: Sendable, Hashable {
    /// Below `packages/`, which stands for the upstream's file URL.
    case packages
    /// Below `files/<host>/`.
    case otherHost
    /// Nowhere: the page keeps the absolute URL.
    case elsewhere

    /// The start of the artifact's name; nil for a file that is not served here.
    var artifactPrefix: String? {
        switch self {
        case .packages: "packages/"
        case .otherHost: "files/"
        case .elsewhere: nil
        }
    }

    /// What stands before the file's text in a link on the page `simple/<project>/`.
    var linkPrefix: String {
        switch self {
        case .packages: "../../packages/"
        case .otherHost: "../../files/"
        case .elsewhere: ""
        }
    }
}

/// The reversible map between an upstream's file URLs and our paths.
///
/// A canonical path has each segment decoded once and encoded again with everything but unreserved
/// characters escaped, so `+`, `%2B` and `%2b` are one file.
struct FileMap: Sendable {
    private let upstream: PyPIUpstream
    private let filesPrefix: [UInt8]

    init(_ upstream: PyPIUpstream) {
        self.upstream = upstream
        filesPrefix = Array(upstream.files.description.utf8)
    }

    /// Where a page's link to a file leads: a range of `text`, or one that is added to the pool.
    ///
    /// The URL may be relative to `base` and has no fragment. Nil for what is neither http nor https.
    func link(
        to url: Range<Int>, from base: AbsoluteURL, in document: [UInt8], _ pool: inout TextPool
    ) -> (place: FilePlace, text: Range<Int>)? {
        let text = pool.text(url, of: document)
        if let start = startOfPlainPath(in: text) {
            return (.packages, url.lowerBound + start..<url.upperBound)
        }
        guard let absolute = base.resolving(URLText.cleaned(text)) else { return nil }
        let (place, link) = place(of: absolute)
        return (place, pool.add(link.utf8))
    }

    /// Where the upstream keeps a file of a page.
    func url(of file: ProjectFile, in page: ProjectPage) -> AbsoluteURL? {
        let text = page.bytes[file.url]
        if startOfPlainPath(in: text) != nil {
            return upstream.files.appending(plainPath: page.text(file.link))
        }
        return page.base.resolving(URLText.cleaned(text))
    }

    /// Where the path below `packages/` begins in a URL that needs no decoding and no resolving.
    ///
    /// Nil says only that ``place(of:)`` must look.
    private func startOfPlainPath(in url: ArraySlice<UInt8>) -> Int? {
        let start = filesPrefix.count
        let bytes = url.span
        guard bytes.count > start else { return nil }
        for index in 0..<start where bytes[index] != filesPrefix[index] { return nil }
        var segment = start
        for index in start..<bytes.count {
            let byte = bytes[index]
            if byte == Self.slash {
                guard index > segment else { return nil }
                segment = index + 1
            } else {
                guard Self.isPlain(byte), index > segment || byte != 0x2E else { return nil }
            }
        }
        let name = url[(url.startIndex + segment)...]
        return DistributionFileName(name) == nil ? nil : start
    }

    /// Unreserved characters, as ``PercentEncoding/isUnreserved(_:)``: here since each byte counts.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0x7E: true
        default: false
        }
    }

    /// Where a file is served, and its text there: a canonical path, a host with one, or the URL.
    ///
    /// A URL that our own router would not accept, or whose last segment names no distribution,
    /// is left as it is: better a file that is not stored than a link that leads nowhere.
    func place(of url: AbsoluteURL) -> (place: FilePlace, text: String) {
        if url.origin == upstream.files.origin, url.path.hasPrefix(upstream.files.path),
            let path = Self.canonical(url.path.dropFirst(upstream.files.path.count))
        {
            return (.packages, path)
        }
        // A host has one folder, so an index over https has none for files over http.
        if url.scheme == .https || url.scheme == upstream.simple.scheme,
            upstream.hosts.contains(url.authority), let path = Self.canonical(url.path.dropFirst())
        {
            return (.otherHost, PercentEncoding.encodedSegment(url.authority) + "/" + path)
        }
        return (.elsewhere, url.description)
    }

    func serves(host: String) -> Bool { upstream.hosts.contains(host) }

    static func canonical(_ segments: some Sequence<String>) -> String {
        segments.map { PercentEncoding.encodedSegment($0) }.joined(separator: "/")
    }

    private static func canonical(_ path: Substring) -> String? {
        var segments: [String] = []
        for piece in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = PercentEncoding.decoded(piece.utf8), isServable(decoded),
                let text = String(validating: decoded, as: UTF8.self)
            else { return nil }
            segments.append(text)
        }
        guard let last = segments.last, DistributionFileName(Array(last.utf8)[...]) != nil else {
            return nil
        }
        return canonical(segments)
    }

    /// Whether ``RequestTarget`` takes a segment that decodes to this.
    private static func isServable(_ segment: [UInt8]) -> Bool {
        !segment.isEmpty && segment != [0x2E] && segment != [0x2E, 0x2E]
            && !PercentEncoding.hasEscape(segment)
            && segment.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != slash && $0 != 0x5C }
    }

    private static let slash: UInt8 = 0x2F
}
