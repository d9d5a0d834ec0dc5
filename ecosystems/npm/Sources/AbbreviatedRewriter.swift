internal import Ecosystems
internal import HTTPModel

/// Makes the abbreviated form of a packument, with our URLs at `dist.tarball`.
///
/// The fields are those of the registry's own, and `time`, which saves pnpm a second request.
/// Values are copied byte for byte. Source: npm's "package-metadata" page, "Abbreviated".
struct AbbreviatedRewriter: DocumentRewriter {
    private enum Copying {
        case nothing
        /// The value that is passed now, from where it begins.
        case value
        /// All of an object that is walked through, but for what is replaced.
        case object
    }

    private var cursor = PackumentCursor(
        PackumentMembers(
            .name, .versions, .time, .distTags, .modified, .restrictions, .version, .timeModified,
            .dist, .scripts, .hasInstallScript, .versionName, .versionNumber, .kept, .tarball,
            .installScript))
    private let links: TarballLinks
    private var current = PackumentMember.other
    private var copying = Copying.nothing
    /// Up to where the piece has been copied, while an object is walked through.
    private var copied = 0
    private var needsComma = false
    private var version: [UInt8] = []
    private var hasInstallScript = false
    /// The JSON string of `time.modified`, or else of the document's own `modified`, without quotes.
    private var modified: [UInt8]?
    private var lastModified: Timestamp?

    init(_ links: TarballLinks) {
        self.links = links
    }

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        copied = 0
        while true {
            switch try cursor.next(piece) {
            case .pieceEnd:
                copyRest(of: piece, into: &output)
                return
            case .member(let member):
                begin(member, piece, into: &output)
                continue
            case .open(let place): open(place, into: &output)
            case .close(let place): close(place, piece, into: &output)
            case .string: string(piece, into: &output)
            case .value: value(piece, into: &output)
            }
            current = .other
        }
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        try cursor.finish()
        return RenderedHead(
            contentType: PackumentVariant.abbreviatedType,
            lastModified: lastModified?.secondsRoundedUp)
    }

    // MARK: Members

    private mutating func begin(
        _ member: PackumentMember, _ piece: [UInt8], into output: inout [UInt8]
    ) {
        current = member
        switch member {
        case .name, .distTags, .restrictions, .versionName, .versionNumber, .kept:
            writeKey(cursor.rawText(in: piece), into: &output)
            cursor.copyValue()
            copying = .value
        case .version:
            version = cursor.text(in: piece)
            hasInstallScript = false
            writeKey(cursor.rawText(in: piece), into: &output)
        case .versions, .time, .dist:
            writeKey(cursor.rawText(in: piece), into: &output)
        case .installScript:
            hasInstallScript = true
            cursor.passValue()
        default: break
        }
    }

    private mutating func open(_ place: PackumentPlace, into output: inout [UInt8]) {
        switch place {
        case .dist, .times:
            copying = .object
            copied = cursor.stream.start
        case .document, .versions, .version:
            output.append(UInt8(ascii: "{"))
            needsComma = false
        default: break
        }
    }

    private mutating func close(
        _ place: PackumentPlace, _ piece: [UInt8], into output: inout [UInt8]
    ) {
        switch place {
        case .dist, .times:
            output.append(contentsOf: piece[copied..<cursor.stream.position])
            copying = .nothing
        case .document:
            if let modified {
                writeKey(Array("modified".utf8)[...], into: &output)
                output.append(UInt8(ascii: "\""))
                output.append(contentsOf: modified)
                output.append(UInt8(ascii: "\""))
            }
            output.append(UInt8(ascii: "}"))
        case .version:
            if hasInstallScript {
                writeKey(Array("hasInstallScript".utf8)[...], into: &output)
                output.append(contentsOf: "true".utf8)
            }
            output.append(UInt8(ascii: "}"))
        case .versions: output.append(UInt8(ascii: "}"))
        default: return
        }
        needsComma = true
    }

    private mutating func string(_ piece: [UInt8], into output: inout [UInt8]) {
        switch current {
        case .tarball:
            output.append(contentsOf: piece[copied..<max(copied, cursor.stream.start)])
            links.write(for: cursor.text(in: piece), version: version, into: &output)
            copied = cursor.stream.position
        case .timeModified:
            modified = Array(cursor.rawText(in: piece))
            lastModified = Timestamp(cursor.text(in: piece))
        case .modified where modified == nil:
            modified = Array(cursor.rawText(in: piece))
            lastModified = Timestamp(cursor.text(in: piece))
        default: value(piece, into: &output)
        }
    }

    /// A value that was copied, or one that is no object where only an object says anything.
    private mutating func value(_ piece: [UInt8], into output: inout [UInt8]) {
        if copying == .value {
            output.append(contentsOf: piece[cursor.stream.start..<cursor.stream.position])
            copying = .nothing
            return
        }
        switch current {
        case .versions, .version, .dist, .time: output.append(contentsOf: "{}".utf8)
        case .hasInstallScript where cursor.stream.firstByte == UInt8(ascii: "t"):
            hasInstallScript = true
        default: break
        }
    }

    // MARK: Bytes

    private func copyRest(of piece: [UInt8], into output: inout [UInt8]) {
        switch copying {
        case .nothing: return
        case .value: output.append(contentsOf: piece[min(cursor.stream.start, piece.count)...])
        case .object:
            let end = current == .tarball ? cursor.stream.openString : nil
            output.append(contentsOf: piece[copied..<max(copied, end ?? piece.count)])
        }
    }

    private mutating func writeKey(_ key: ArraySlice<UInt8>, into output: inout [UInt8]) {
        if needsComma { output.append(UInt8(ascii: ",")) }
        needsComma = true
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: key)
        output.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
    }
}
