internal import Digests
internal import Ecosystems

/// Renders a page in HTML, anew and with everything escaped.
///
/// The form is frozen at version 1.4 (PEP 833); `data-size` and `data-upload-time` are beyond it and
/// let uv's `--exclude-newer` work.
struct HTMLPageWriter {
    private static let lastMinorVersion = 4

    private let page: ProjectPage

    init(_ page: ProjectPage) {
        self.page = page
    }

    func html() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(page.bytes.count + 1_024)
        output += "<!DOCTYPE html>\n<html>\n  <head>\n".utf8
        output += "    <meta name=\"pypi:repository-version\" content=\"1.".utf8
        output += "\(min(page.minorVersion, Self.lastMinorVersion))\">\n".utf8
        addMeta("pypi:project-status", page.status, to: &output)
        addMeta("pypi:project-status-reason", page.statusReason, to: &output)
        output += "    <title>Links for \(page.project)</title>\n  </head>\n  <body>\n".utf8
        output += "    <h1>Links for \(page.project)</h1>\n".utf8
        let words = Words()
        for index in page.files.indices { add(page.files[index], words, to: &output) }
        output += "  </body>\n</html>\n".utf8
        return output
    }

    /// What stands between the fields of a file: as bytes, since each file needs them.
    private struct Words {
        let packages = Array("    <a href=\"\(FilePlace.packages.linkPrefix)".utf8)
        let sha256 = Array("#sha256=".utf8)
        let requiresPython = Array("\" data-requires-python=\"".utf8)
        let olderMetadata = Array("\" data-dist-info-metadata=\"".utf8)
        let metadata = Array("\" data-core-metadata=\"".utf8)
        let yanked = Array("\" data-yanked=\"".utf8)
        let signature = Array("\" data-gpg-sig=\"".utf8)
        let size = Array("\" data-size=\"".utf8)
        let uploadTime = Array("\" data-upload-time=\"".utf8)
        let provenance = Array("\" data-provenance=\"".utf8)
        let end = Array("</a><br />\n".utf8)
    }

    /// Adds a link; each attribute closes the value of the one before it.
    private func add(_ file: ProjectFile, _ words: Words, to output: inout [UInt8]) {
        addLink(file, words, to: &output)
        addAttribute(words.requiresPython, file.requiresPython, to: &output)
        addMetadata(file.metadata, words, to: &output)
        switch file.yank {
        case .notYanked: break
        case .yanked: output.append(copying: words.yanked.span)
        case .reason(let reason): addAttribute(words.yanked, reason, to: &output)
        }
        addSignature(file.signature, words, to: &output)
        addPlain(words.size, file.size, to: &output)
        addPlain(words.uploadTime, file.uploadTime, to: &output)
        addAttribute(words.provenance, file.provenance, to: &output)
        output.append(0x22)
        if case .html(let unknown) = file.origin, !unknown.isEmpty { copy(unknown, to: &output) }
        output.append(0x3E)
        HTMLText.append(page.bytes.span.extracting(file.filename), to: &output)
        output.append(copying: words.end.span)
    }

    private func addLink(_ file: ProjectFile, _ words: Words, to output: inout [UInt8]) {
        if file.place == .packages {
            output.append(copying: words.packages.span)
        } else {
            output += "    <a href=\"".utf8
            output += file.place.linkPrefix.utf8
        }
        if file.place.isPercentEncoded {
            copy(file.link, to: &output)
        } else {
            HTMLText.append(page.bytes.span.extracting(file.link), to: &output)
        }
        guard let hash = file.hash, hash.algorithm.fragmentRank != nil else { return }
        if hash.algorithm == .sha256 {
            output.append(copying: words.sha256.span)
            copy(hash.hex, to: &output)
        } else {
            output.append(0x23)
            add(hash, to: &output)
        }
    }

    private func addMetadata(
        _ metadata: ProjectFile.Metadata, _ words: Words, to output: inout [UInt8]
    ) {
        switch metadata {
        case .notAnnounced: break
        case .announced:
            output.append(copying: words.olderMetadata.span)
            output += "true".utf8
            output.append(copying: words.metadata.span)
            output += "true".utf8
        case .hashed(let hash):
            output.append(copying: words.olderMetadata.span)
            add(hash, to: &output)
            output.append(copying: words.metadata.span)
            add(hash, to: &output)
        }
    }

    private func addSignature(
        _ signature: ProjectFile.Signature, _ words: Words, to output: inout [UInt8]
    ) {
        switch signature {
        case .unknown: break
        case .signed:
            output.append(copying: words.signature.span)
            output += "true".utf8
        case .unsigned:
            output.append(copying: words.signature.span)
            output += "false".utf8
        }
    }

    private func add(_ hash: ProjectFile.Hash, to output: inout [UInt8]) {
        output += hash.algorithm.rawValue.utf8
        output.append(0x3D)
        copy(hash.hex, to: &output)
    }

    private func addMeta(_ name: String, _ content: Range<Int>?, to output: inout [UInt8]) {
        guard let content else { return }
        output += "    <meta name=\"\(name)\" content=\"".utf8
        HTMLText.append(page.bytes.span.extracting(content), to: &output)
        output += "\">\n".utf8
    }

    private func addAttribute(
        _ start: [UInt8], _ value: Range<Int>?, to output: inout [UInt8]
    ) {
        guard let value else { return }
        output.append(copying: start.span)
        HTMLText.append(page.bytes.span.extracting(value), to: &output)
    }

    /// Adds an attribute of decimal digits or a time, which needs no escape.
    private func addPlain(_ start: [UInt8], _ value: Range<Int>?, to output: inout [UInt8]) {
        guard let value else { return }
        output.append(copying: start.span)
        copy(value, to: &output)
    }

    private func copy(_ text: Range<Int>, to output: inout [UInt8]) {
        output.append(copying: page.bytes.span.extracting(text))
    }
}
