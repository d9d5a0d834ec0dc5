internal import Ecosystems
internal import HTTPModel

/// Copies a packument, or one version's manifest, with our URLs at `dist.tarball`.
///
/// Every other byte stays: order, white space, escapes, numbers, unknown keys.
struct TarballRewriter: DocumentRewriter {
    private var cursor: PackumentCursor
    private let links: TarballLinks
    private var version: [UInt8]
    private var current = PackumentMember.other
    /// `time.modified`, or the `modified` of an abbreviated document.
    private var modified: Timestamp?

    init(_ links: TarballLinks) {
        self.links = links
        version = []
        cursor = PackumentCursor(
            PackumentMembers(
                .versions, .version, .dist, .tarball, .time, .timeModified, .modified))
    }

    /// For the manifest of one version alone.
    init(_ links: TarballLinks, manifestOf version: [UInt8]) {
        self.links = links
        self.version = version
        cursor = PackumentCursor(PackumentMembers(.dist, .tarball), root: .version)
    }

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        var copied = 0
        while true {
            switch try cursor.next(piece) {
            case .pieceEnd:
                let end = current == .tarball ? cursor.stream.openString : nil
                output.append(contentsOf: piece[copied..<max(copied, end ?? piece.count)])
                return
            case .member(let member):
                current = member
                if member == .version { version = cursor.text(in: piece) }
                continue
            case .string where current == .tarball:
                output.append(contentsOf: piece[copied..<max(copied, cursor.stream.start)])
                links.write(for: cursor.text(in: piece), version: version, into: &output)
                copied = cursor.stream.position
            case .string where current == .timeModified || current == .modified && modified == nil:
                modified = Timestamp(cursor.text(in: piece))
            default: break
            }
            current = .other
        }
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        try cursor.finish()
        return RenderedHead(
            contentType: PackumentVariant.fullType, lastModified: modified?.secondsRoundedUp)
    }
}
