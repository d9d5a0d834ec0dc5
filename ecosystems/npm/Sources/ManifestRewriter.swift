internal import Ecosystems

/// Takes one version's manifest out of a packument, with our URL at `dist.tarball`.
///
/// An exact version wins over a tag of the same spelling. Where the tags come behind the versions,
/// the latest versions are kept until they are known, as many as there is room for.
struct ManifestRewriter: DocumentRewriter {
    /// The most bytes of versions that are kept.
    private static let limit = 16 << 20

    private enum Target {
        case nothing, exact, tagged, recent
    }

    private var cursor = PackumentCursor(PackumentMembers(.distTags, .tag, .versions, .version))
    private let links: TarballLinks
    private let wanted: [UInt8]
    /// What the tag of the wanted name stands for.
    private var tagged: [UInt8]?
    private var hasTags = false
    private var current = PackumentMember.other
    private var target = Target.nothing
    private var version: [UInt8] = []
    private var bytes: [UInt8] = []
    private var exactManifest: [UInt8]?
    private var taggedManifest: [UInt8]?
    private var recent = RecentManifests(limit: ManifestRewriter.limit)

    init(_ wanted: String, _ links: TarballLinks) {
        self.wanted = Array(wanted.utf8)
        self.links = links
    }

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        while true {
            switch try cursor.next(piece) {
            case .pieceEnd:
                if target != .nothing {
                    try keep(piece[min(cursor.stream.start, piece.count)...])
                }
                return
            case .member(let member):
                begin(member, piece)
                continue
            case .string where current == .tag: tagged = cursor.text(in: piece)
            case .value where target != .nothing:
                try keep(piece[cursor.stream.start..<cursor.stream.position])
                store()
            default: break
            }
            current = .other
        }
    }

    private mutating func begin(_ member: PackumentMember, _ piece: [UInt8]) {
        current = member
        switch member {
        case .distTags: hasTags = true
        case .tag: if cursor.text(in: piece) != wanted { cursor.passValue() }
        case .version:
            version = cursor.text(in: piece)
            if version == wanted {
                target = .exact
            } else if hasTags {
                target = version == tagged ? .tagged : .nothing
            } else {
                target = .recent
            }
            if target == .nothing { cursor.passValue() } else { cursor.copyValue() }
        default: break
        }
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) throws(DocumentFault) {
        bytes.append(contentsOf: part)
        guard bytes.count <= Self.limit else {
            throw DocumentFault("one version of the package has more than 16 MiB of metadata")
        }
    }

    private mutating func store() {
        switch target {
        case .exact: exactManifest = bytes
        case .tagged: taggedManifest = bytes
        case .recent: recent.add(bytes, of: version)
        case .nothing: break
        }
        target = .nothing
        bytes = []
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        try cursor.finish()
        let found: (version: [UInt8], bytes: [UInt8])
        if let exactManifest {
            found = (wanted, exactManifest)
        } else if let tagged {
            var manifest = taggedManifest
            if manifest == nil { manifest = try recent.manifest(of: tagged) }
            guard let manifest else { throw .absent }
            found = (tagged, manifest)
        } else {
            throw .absent
        }
        guard found.bytes.first == UInt8(ascii: "{") else { throw .absent }
        var rewriter = TarballRewriter(links, manifestOf: found.version)
        try rewriter.take(found.bytes, into: &output)
        return try rewriter.finish(into: &output)
    }
}

/// The manifests that came last, up to a number of bytes.
private struct RecentManifests {
    let limit: Int
    private var manifests: [(version: [UInt8], bytes: [UInt8])] = []
    private var first = 0
    private var byteCount = 0

    init(limit: Int) { self.limit = limit }

    mutating func add(_ bytes: [UInt8], of version: [UInt8]) {
        manifests.append((version, bytes))
        byteCount += bytes.count
        while byteCount > limit, first < manifests.count {
            byteCount -= manifests[first].bytes.count
            manifests[first].bytes = []
            first += 1
        }
    }

    /// - Throws: A fault when the version was there and has made room for later ones.
    func manifest(of version: [UInt8]) throws(DocumentFault) -> [UInt8]? {
        guard let index = manifests.lastIndex(where: { $0.version == version }) else { return nil }
        guard index >= first else {
            throw DocumentFault("the tag's version stands too far before the document's tags")
        }
        return manifests[index].bytes
    }
}
