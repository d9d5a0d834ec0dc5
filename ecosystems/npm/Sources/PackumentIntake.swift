internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Checks a packument, or one version's manifest, and reads where its tarballs are.
///
/// A version has no fact, so that its tarball is refused, when its URL is none, when nothing is
/// promised that its bytes could be checked against, or when another version's has the same name here.
struct PackumentIntake: DocumentIntake {
    /// The most versions that a document may have.
    static let versionLimit = 100_000

    private struct Found {
        let file: String
        let version: [UInt8]
        let url: AbsoluteURL
        let digests: [Digest]
    }

    private var cursor: PackumentCursor
    private let package: PackageName
    private let place: TarballPlace
    private var current = PackumentMember.other
    private var hasName = false
    private var versionCount = 0
    private var modifiedAt: Int64?
    /// Whether each version so far is a placeholder of the registry's security team.
    private var isPlaceholder = true
    private let isManifest: Bool

    private var version: [UInt8] = []
    private var url: [UInt8]?
    private var integrity: [UInt8]?
    private var shasum: [UInt8]?

    private var found: [Found] = []
    private var times: [[UInt8]: Int64] = [:]

    init(_ package: PackageName, _ place: TarballPlace) {
        self.package = package
        self.place = place
        isManifest = false
        cursor = PackumentCursor(
            PackumentMembers(
                .name, .versions, .version, .dist, .tarball, .integrity, .shasum, .time, .timeEntry,
                .timeModified, .distTags, .tag), refusesDuplicates: true)
    }

    init(_ package: PackageName, manifestOf version: String, _ place: TarballPlace) {
        self.package = package
        self.place = place
        self.version = Array(version.utf8)
        isManifest = true
        cursor = PackumentCursor(
            PackumentMembers(.versionName, .versionNumber, .dist, .tarball, .integrity, .shasum),
            root: .version, refusesDuplicates: true)
    }

    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {
        while true {
            switch try cursor.next(piece) {
            case .pieceEnd: return
            case .member(let member):
                try begin(member, piece)
                continue
            case .open: break
            case .close(.version): try endVersion()
            case .close: break
            case .string: try string(cursor.text(in: piece))
            case .value: try value()
            }
            current = .other
        }
    }

    private mutating func begin(
        _ member: PackumentMember, _ piece: [UInt8]
    ) throws(DocumentFault) {
        current = member
        switch member {
        case .version:
            version = cursor.text(in: piece)
            versionCount += 1
            if !Self.isPlaceholder(version) { isPlaceholder = false }
            guard versionCount <= Self.versionLimit else {
                throw DocumentFault("the package has more than \(Self.versionLimit) versions")
            }
        case .timeEntry: version = cursor.text(in: piece)
        default: break
        }
    }

    private mutating func string(_ text: [UInt8]) throws(DocumentFault) {
        switch current {
        case .tarball: url = text
        case .integrity: integrity = text
        case .shasum: shasum = text
        case .timeEntry: times[version] = Timestamp(text)?.seconds
        case .timeModified: modifiedAt = Timestamp(text)?.seconds
        case .name, .versionName:
            guard text.elementsEqual(package.text.utf8) else {
                throw DocumentFault("the document is about another package")
            }
            hasName = true
        case .versionNumber:
            guard text == version else {
                throw DocumentFault("the document is about another version")
            }
        default: try value()
        }
    }

    /// A value that is neither a string nor an object.
    private func value() throws(DocumentFault) {
        guard cursor.stream.depth > 0 else {
            throw DocumentFault("the document is no JSON object")
        }
        guard current != .versions else {
            throw DocumentFault("the versions are no object")
        }
    }

    private mutating func endVersion() throws(DocumentFault) {
        defer { (url, integrity, shasum) = (nil, nil, nil) }
        guard let url, let source = place.url(url) else { return }
        let digests = Integrity.digests(integrity: integrity, shasum: shasum)
        guard !digests.isEmpty else { return }
        let file = TarballName.name(for: url[...], of: package, version: version)
        found.append(Found(file: file, version: version, url: source, digests: digests))
    }

    /// Of a packument; a manifest says nothing of the package, and is the same for ever.
    var summary: DocumentSummary {
        guard !isManifest else { return DocumentSummary() }
        return DocumentSummary(
            entryCount: versionCount, modifiedAt: modifiedAt,
            isTakedown: versionCount > 0 && isPlaceholder)
    }

    /// Whether a version is `0.0.1-security`, or one of its successors `0.0.1-security.0`, ….
    private static func isPlaceholder(_ version: [UInt8]) -> Bool {
        let name = Array("0.0.1-security".utf8)
        return version.starts(with: name)
            && (version.count == name.count || version[name.count] == UInt8(ascii: "."))
    }

    mutating func finish() throws(DocumentFault) -> [FileFact] {
        try cursor.finish()
        guard hasName else { throw DocumentFault("the document does not name the package") }
        var counts: [String: Int] = [:]
        for one in found { counts[one.file, default: 0] += 1 }
        return found.compactMap { one in
            guard counts[one.file] == 1 else { return nil }
            return FileFact(
                artifact: "\(package.text)/-/\(one.file)", url: one.url, digests: one.digests,
                version: String(decoding: one.version, as: UTF8.self),
                publishedAt: times[one.version])
        }
    }
}

/// Where the upstream keeps tarballs.
struct TarballPlace: Sendable {
    let registry: AbsoluteURL
    /// Where the document came from.
    let document: AbsoluteURL

    private let start: [UInt8]

    init(registry: AbsoluteURL, document: AbsoluteURL) {
        self.registry = registry
        self.document = document
        start = Array(registry.description.utf8)
    }

    /// The URL that a document's text means.
    ///
    /// Old documents name the registry itself with http where it is asked with https.
    func url(_ text: [UInt8]) -> AbsoluteURL? {
        if let path = plainPath(text) { return registry.appending(plainPath: path) }
        let text = String(decoding: text, as: UTF8.self)
        guard let url = document.resolving(text) else { return nil }
        guard registry.scheme == .https, url.scheme == .http, url.host == registry.host,
            url.port == 80
        else { return url }
        let query = url.query.map { "?\($0)" } ?? ""
        return AbsoluteURL("https://\(registry.authority)\(url.path)\(query)")
    }

    /// What follows the registry's own URL, when nothing in it needs a closer look.
    private func plainPath(_ text: [UInt8]) -> String? {
        guard text.starts(with: start), text.count > start.count else { return nil }
        var segmentStart = start.count
        for index in start.count..<text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "/") {
                guard index > segmentStart else { return nil }
                segmentStart = index + 1
            } else {
                let isPlain = PercentEncoding.isUnreserved(byte) || byte == UInt8(ascii: "@")
                guard isPlain, byte != 0x2E || index > segmentStart else { return nil }
            }
        }
        return String(decoding: text[start.count...], as: UTF8.self)
    }
}

/// Checks a document of a service: one JSON object, and no error in its place.
struct ServiceIntake: DocumentIntake {
    private var stream = JSONStream()
    private var isObject = false
    private var hasError = false

    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {
        while true {
            switch try stream.token(piece) {
            case .pieceEnd: return
            case .objectStart: isObject = true
            case .key:
                let bytes = stream.bytes(of: piece)
                if stream.text.equals("error", in: bytes) { hasError = true }
                stream.skipValue()
            case .arrayStart: throw DocumentFault("the document is no JSON object")
            default: break
            }
        }
    }

    mutating func finish() throws(DocumentFault) -> [FileFact] {
        do { try stream.finish() } catch { throw DocumentFault(error) }
        guard isObject else { throw DocumentFault("the document is no JSON object") }
        guard !hasError else { throw DocumentFault("the document is an error") }
        return []
    }
}

/// Refuses whatever comes: nothing of this name was asked for.
struct NoIntake: DocumentIntake {
    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {
        throw DocumentFault("there is no such document")
    }

    mutating func finish() throws(DocumentFault) -> [FileFact] {
        throw DocumentFault("there is no such document")
    }
}
