internal import Digests
internal import Ecosystems

/// Renders a page in HTML, anew and with everything escaped.
///
/// The form is frozen at version 1.4 (PEP 833); `data-size` and `data-upload-time` are beyond it and
/// let uv's `--exclude-newer` work.
struct HTMLPageWriter {
    private static let lastMinorVersion = 4

    private let page: ProjectPage
    private var result: [UInt8] = []

    init(_ page: ProjectPage) {
        self.page = page
        result.reserveCapacity(page.bytes.count + 1_024)
    }

    consuming func html() -> [UInt8] {
        add("<!DOCTYPE html>\n<html>\n  <head>\n")
        add("    <meta name=\"pypi:repository-version\" content=\"1.")
        add("\(min(page.minorVersion, Self.lastMinorVersion))\">\n")
        addMeta("pypi:project-status", page.status)
        addMeta("pypi:project-status-reason", page.statusReason)
        add("    <title>Links for \(page.project)</title>\n  </head>\n  <body>\n")
        add("    <h1>Links for \(page.project)</h1>\n")
        let words = Words()
        for index in page.files.indices { add(page.files[index], words) }
        add("  </body>\n</html>\n")
        return result
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
    private mutating func add(_ file: ProjectFile, _ words: Words) {
        if file.place == .packages {
            result.append(contentsOf: words.packages)
        } else {
            add("    <a href=\"")
            add(file.place.linkPrefix)
        }
        if file.place.isPercentEncoded { copy(file.link) } else { addEscaped(file.link) }
        if let hash = file.hash, hash.algorithm.fragmentRank != nil {
            if hash.algorithm == .sha256 {
                result.append(contentsOf: words.sha256)
                copy(hash.hex)
            } else {
                add("#")
                add(hash)
            }
        }
        addAttribute(words.requiresPython, file.requiresPython)
        addMetadata(file.metadata, words)
        switch file.yank {
        case .notYanked: break
        case .yanked: result.append(contentsOf: words.yanked)
        case .reason(let reason): addAttribute(words.yanked, reason)
        }
        addSignature(file.signature, words)
        // Decimal digits, and a time of digits: nothing of it needs an escape.
        if let size = file.size {
            result.append(contentsOf: words.size)
            copy(size)
        }
        if let time = file.uploadTime {
            result.append(contentsOf: words.uploadTime)
            copy(time)
        }
        addAttribute(words.provenance, file.provenance)
        result.append(0x22)
        if case .html(let unknown) = file.origin, !unknown.isEmpty { copy(unknown) }
        result.append(0x3E)
        addEscaped(file.filename)
        result.append(contentsOf: words.end)
    }

    private mutating func addMetadata(_ metadata: ProjectFile.Metadata, _ words: Words) {
        switch metadata {
        case .notAnnounced: break
        case .announced:
            for word in [words.olderMetadata, words.metadata] {
                result.append(contentsOf: word)
                add("true")
            }
        case .hashed(let hash):
            for word in [words.olderMetadata, words.metadata] {
                result.append(contentsOf: word)
                add(hash)
            }
        }
    }

    private mutating func addSignature(_ signature: ProjectFile.Signature, _ words: Words) {
        switch signature {
        case .unknown: break
        case .signed:
            result.append(contentsOf: words.signature)
            add("true")
        case .unsigned:
            result.append(contentsOf: words.signature)
            add("false")
        }
    }

    private mutating func add(_ hash: ProjectFile.Hash) {
        add(hash.algorithm.rawValue)
        add("=")
        copy(hash.hex)
    }

    private mutating func addMeta(_ name: String, _ content: Range<Int>?) {
        guard let content else { return }
        add("    <meta name=\"\(name)\" content=\"")
        addEscaped(content)
        add("\">\n")
    }

    private mutating func addAttribute(_ start: [UInt8], _ value: Range<Int>?) {
        guard let value else { return }
        result.append(contentsOf: start)
        addEscaped(value)
    }

    private mutating func addEscaped(_ text: Range<Int>) {
        HTMLText.append(page.bytes[text], to: &result)
    }

    private mutating func copy(_ text: Range<Int>) {
        result.append(contentsOf: page.bytes[text])
    }

    private mutating func add(_ text: String) {
        result.append(contentsOf: text.utf8)
    }
}
