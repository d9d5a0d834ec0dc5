internal import Digests

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
        for file in page.files { add(file) }
        add("  </body>\n</html>\n")
        return result
    }

    private mutating func add(_ file: ProjectFile) {
        add("    <a href=\"")
        add(file.place.linkPrefix)
        addEscaped(file.link)
        if let hash = file.hash, hash.algorithm.fragmentRank != nil {
            add("#")
            add(hash)
        }
        add("\"")
        addAttribute(" data-requires-python=\"", file.requiresPython)
        switch file.metadata {
        case .notAnnounced: break
        case .announced: add(" data-dist-info-metadata=\"true\" data-core-metadata=\"true\"")
        case .hashed(let hash):
            add(" data-dist-info-metadata=\"")
            add(hash)
            add("\" data-core-metadata=\"")
            add(hash)
            add("\"")
        }
        switch file.yank {
        case .notYanked: break
        case .yanked: add(" data-yanked=\"\"")
        case .reason(let reason): addAttribute(" data-yanked=\"", reason)
        }
        switch file.signature {
        case .unknown: break
        case .signed: add(" data-gpg-sig=\"true\"")
        case .unsigned: add(" data-gpg-sig=\"false\"")
        }
        addAttribute(" data-size=\"", file.size)
        addAttribute(" data-upload-time=\"", file.uploadTime)
        addAttribute(" data-provenance=\"", file.provenance)
        if case .html(let unknown) = file.origin {
            result.append(contentsOf: page.bytes[unknown])
        }
        add(">")
        addEscaped(file.filename)
        add("</a><br />\n")
    }

    private mutating func add(_ hash: ProjectFile.Hash) {
        add(hash.algorithm.rawValue)
        add("=")
        result.append(contentsOf: page.bytes[hash.hex])
    }

    private mutating func addMeta(_ name: String, _ content: Range<Int>?) {
        guard let content else { return }
        add("    <meta name=\"\(name)\" content=\"")
        addEscaped(content)
        add("\">\n")
    }

    private mutating func addAttribute(_ start: String, _ value: Range<Int>?) {
        guard let value else { return }
        add(start)
        addEscaped(value)
        add("\"")
    }

    private mutating func addEscaped(_ text: Range<Int>) {
        HTMLText.append(page.bytes[text], to: &result)
    }

    private mutating func add(_ text: String) {
        result.append(contentsOf: text.utf8)
    }
}
