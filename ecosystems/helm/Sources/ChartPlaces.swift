internal import Digests
internal import HTTPModel

/// Where the files of one index are: here, and at the upstream.
///
/// A value that lives as long as one pass over an index, since the first entry that has a path
/// keeps it. The same index and settings always give the same places.
struct ChartPlaces {
    struct Place: Hashable {
        /// Below the repository's mount, in canonical spelling.
        let path: String
        /// The archive, or the manifest of a chart in a registry.
        let url: AbsoluteURL
        /// The upstream's own text.
        let text: String
    }

    private let upstream: HelmUpstream
    // Each path that is taken, and for which URL.
    private var taken: [String: AbsoluteURL] = [:]
    /// The weight of URLs that had to be resolved or decoded, which takes a hundred times as long.
    private(set) var oddByteCount = 0

    private let base: [UInt8]

    init(_ upstream: HelmUpstream) {
        self.upstream = upstream
        base = Array(upstream.location.utf8)
    }

    /// The place for the first URL that is usable, or nil.
    mutating func place(
        urls: [[UInt8]], chart: String, version: String
    ) -> (place: Place, isNew: Bool)? {
        for url in urls {
            guard let wanted = wanted(url, chart, version) else { continue }
            let path = wanted.path
            guard let owner = taken[path] else {
                taken[path] = wanted.url
                return (wanted, true)
            }
            if owner == wanted.url { return (wanted, false) }
            guard let other = Self.path(beside: path, for: wanted) else { continue }
            let isFree = taken[other] == nil
            guard isFree || taken[other] == wanted.url else { continue }
            taken[other] = wanted.url
            return (Place(path: other, url: wanted.url, text: wanted.text), isFree)
        }
        return nil
    }

    private mutating func wanted(_ url: [UInt8], _ chart: String, _ version: String) -> Place? {
        if let path = plainPath(url) {
            return Place(
                path: path, url: upstream.base.appending(plainPath: path),
                text: String(decoding: url, as: UTF8.self))
        }
        oddByteCount += Self.weight(of: url) + chart.utf8.count + version.utf8.count
        let text = Self.cleaned(url)
        if text.prefix(6).lowercased() == "oci://" {
            return registryPlace(text, chart, version)
        }
        guard !text.isEmpty, let (url, isRelative) = resolved(text),
            let path = path(of: url, isRelative: isRelative, chart, version)
        else { return nil }
        return Place(path: path, url: url, text: text)
    }

    /// The bytes of a URL and what else it costs: a segment as much as two more, an escape as eight.
    private static func weight(of url: [UInt8]) -> Int {
        url.reduce(16 + url.count) { $0 + ($1 == 0x2F ? 2 : $1 == 0x25 ? 8 : 0) }
    }

    /// The path below the repository of a URL that needs no decoding and no resolving.
    ///
    /// Most are such. Nil says only that ``path(of:isRelative:_:_:)`` must look.
    private func plainPath(_ url: [UInt8]) -> String? {
        guard upstream.base.query == nil else { return nil }
        let start = url.starts(with: base) ? base.count : 0
        guard ChartPath.isPlain(url.span.extracting(start..<url.count)) else { return nil }
        let path = String(decoding: url[start...], as: UTF8.self)
        guard ChartPath.isArchive(path), !path.hasPrefix(ChartPath.otherHosts + "/") else {
            return nil
        }
        return path
    }

    /// The URL that Helm asks for: the query of the repository's URL replaces a relative one's own.
    ///
    /// Source: helm/helm `pkg/repo/v1/chartrepo.go`, `ResolveReferenceURL`.
    private func resolved(_ text: String) -> (url: AbsoluteURL, isRelative: Bool)? {
        if let absolute = AbsoluteURL(text) { return (absolute, false) }
        guard let url = upstream.base.resolving(text) else { return nil }
        let query = upstream.base.query.map { "?" + $0 } ?? ""
        return AbsoluteURL("\(url.scheme.rawValue)://\(url.authority)\(url.path)\(query)").map {
            ($0, true)
        }
    }

    private func path(
        of url: AbsoluteURL, isRelative: Bool, _ chart: String, _ version: String
    ) -> String? {
        let base = upstream.base
        let hasOwnQuery = !isRelative && url.query != nil
        if url.origin == base.origin, url.path.hasPrefix(base.path), !hasOwnQuery,
            let path = ChartPath.canonical(path: url.path.dropFirst(base.path.count)),
            ChartPath.isArchive(path), !path.hasPrefix(ChartPath.otherHosts + "/")
        {
            return path
        }
        let folder = "\(ChartPath.otherHosts)/\(Self.hostSegment(url))/"
        let path = ChartPath.canonical(path: url.path.dropFirst())
        if let path, ChartPath.isArchive(path) { return folder + path }
        guard let file = ChartPath.fileName(chart: chart, version: version) else { return nil }
        return folder + (path.map { $0 + "/" } ?? "") + file
    }

    private func registryPlace(_ text: String, _ chart: String, _ version: String) -> Place? {
        guard let reference = OCIReference(text, version: version),
            let url = reference.manifestURL(scheme: scheme(of: reference)),
            let file = ChartPath.fileName(chart: chart, version: version)
        else { return nil }
        let folder = "\(ChartPath.otherHosts)/\(reference.registry)/\(reference.repository)/"
        return Place(path: folder + file, url: url, text: text)
    }

    /// Registries speak https, but for one on the very host of a repository that speaks http.
    private func scheme(of reference: OCIReference) -> AbsoluteURL.Scheme {
        let host = AbsoluteURL("https://\(reference.registry)/")?.host
        return host == upstream.base.host ? upstream.base.scheme : .https
    }

    /// The host, with its port where it is not https's own: so http and https never meet.
    private static func hostSegment(_ url: AbsoluteURL) -> String {
        let segment = url.scheme == .https ? url.authority : "\(url.host):\(url.port)"
        return ChartPath.canonical([segment])
    }

    /// Another path for a URL whose path is taken: `-/<host>/<12 hex of a SHA-256>/<file>`.
    ///
    /// The SHA-256 is of the URL as the index has it, so no query of ours is ever part of a path.
    private static func path(beside path: String, for place: Place) -> String? {
        guard let digest = try? Digest.of(Array(place.text.utf8).span, .sha256),
            let file = path.split(separator: "/").last
        else { return nil }
        return "\(ChartPath.otherHosts)/\(hostSegment(place.url))/\(digest.hex.prefix(12))/\(file)"
    }

    /// A reference with what no URL may hold escaped, as Go's parser lets it pass.
    private static func cleaned(_ url: [UInt8]) -> String {
        var trimmed = url[...]
        while let first = trimmed.first, first <= 0x20 { trimmed = trimmed.dropFirst() }
        while let last = trimmed.last, last <= 0x20 { trimmed = trimmed.dropLast() }
        var result: [UInt8] = []
        result.reserveCapacity(trimmed.count)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in trimmed {
            switch byte {
            case 0x21, 0x23...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E: result.append(byte)
            default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
