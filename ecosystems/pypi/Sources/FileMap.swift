internal import Ecosystems
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

    /// Whether a link's text needs no escape, in HTML as in JSON.
    var isPercentEncoded: Bool { self != .elsewhere }

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

    /// Reads a URL below ``PyPIUpstream/files`` that is plain to its end or to a fragment.
    ///
    /// Nil says only that ``link(to:from:in:)`` must look.
    func plainLink(in bytes: Span<UInt8>, _ range: Range<Int>) -> PlainLink? {
        guard ByteSearch.starts(bytes.extracting(range), at: 0, with: filesPrefix.span) else {
            return nil
        }
        return PlainLink(range.lowerBound &+ filesPrefix.count..<range.upperBound, of: bytes)
    }

    /// Where a page's link to a file leads: a range of the texts, which may gain one.
    ///
    /// The URL may be relative to `base` and has no fragment. Nil for what is neither http nor https.
    func link(
        to url: Range<Int>, from base: AbsoluteURL, in texts: inout PageTexts
    ) -> (place: FilePlace, text: Range<Int>)? {
        if let plain = plainLink(in: texts.bytes.span, url), plain.path.upperBound == url.upperBound
        {
            return (.packages, plain.path)
        }
        guard let absolute = base.resolving(URLText.cleaned(texts.bytes[url])) else { return nil }
        let (place, link) = place(of: absolute)
        return (place, texts.add(link.utf8))
    }

    /// Where the upstream keeps a file of a page.
    func url(of file: ProjectFile, in page: ProjectPage) -> AbsoluteURL? {
        // A plain link is the end of its URL; any other one was written anew.
        if file.place == .packages, file.link.upperBound == file.url.upperBound {
            return upstream.files.appending(plainPath: page.text(file.link))
        }
        return page.base.resolving(URLText.cleaned(page.bytes[file.url]))
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
        guard let segments = RequestTarget.decodedSegments(of: path), let last = segments.last,
            DistributionFileName(Array(last.utf8)[...]) != nil
        else {
            return nil
        }
        return canonical(segments)
    }
}
