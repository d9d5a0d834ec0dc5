internal import Digests
internal import Ecosystems
internal import HTTPModel

/// Reads a project's page in HTML (PEP 503 and what followed it), from old mirrors as well.
struct HTMLPageReader {
    // What follows is also for HTMLPageReader+Files.swift.
    var tokenizer: HTMLTokenizer
    let map: FileMap
    var base: AbsoluteURL
    var texts: PageTexts
    /// The value that was decoded last, and what it was decoded to.
    var lastDecoded = (value: 0..<0, text: 0..<0)
    var files: [ProjectFile] = []
    let names = AnchorAttribute.names
    let hrefName = AnchorAttribute.hrefName
    /// The usual one first.
    let algorithms: [(name: ShortText, algorithm: DigestAlgorithm)] =
        ([.sha256] + DigestAlgorithm.allCases.filter { $0 != .sha256 })
        .map { (ShortText($0.rawValue), $0) }

    private let project: String
    private var hasBase = false
    private var minorVersion: Int?
    private var status: Range<Int>?
    private var statusReason: Range<Int>?

    init(_ document: UpstreamDocument, project: String, map: FileMap) {
        let bytes = Self.repaired(document.bytes)
        tokenizer = HTMLTokenizer(bytes)
        self.project = project
        self.map = map
        base = document.url
        texts = PageTexts(bytes)
    }

    /// Reads and checks the whole page.
    ///
    /// - Throws: A fault for a page that names no file and does not say that it is an index: a login
    ///   page or an error page with status 200 is not an empty project.
    consuming func page() throws(DocumentFault) -> ProjectPage {
        let (anchor, meta, baseTag) = (ShortText("a"), ShortText("meta"), ShortText("base"))
        // Few links are shorter; room that is not used costs nothing.
        files.reserveCapacity(min(tokenizer.bytes.count / 256, ProjectPage.fileLimit))
        while let tag = tokenizer.nextTag() {
            if tag == anchor {
                guard files.count < ProjectPage.fileLimit else {
                    throw DocumentFault("the page has too many files")
                }
                readFile()
            } else if tag == meta {
                try readMeta()
            } else if tag == baseTag {
                readBase()
            }
        }
        guard !files.isEmpty || minorVersion != nil else {
            throw DocumentFault("the page is no index page: it names no file")
        }
        return ProjectPage(
            source: .html, bytes: texts.bytes, base: base, project: project,
            minorVersion: minorVersion ?? 0, files: files, status: status,
            statusReason: statusReason, serial: Serial.ofPage(tokenizer.bytes))
    }

    private static let name = ShortText("name")
    private static let content = ShortText("content")

    /// The bytes as UTF-8: what is not (old pages in Latin-1) becomes U+FFFD.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        if ByteSearch.isASCII(bytes.span) || String(validating: bytes, as: UTF8.self) != nil {
            return bytes
        }
        return Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    private mutating func readMeta() throws(DocumentFault) {
        guard let name = value(of: Self.name), let content = value(of: Self.content) else {
            return
        }
        switch String(decoding: texts[name], as: UTF8.self).asciiLowercased {
        case "pypi:repository-version": minorVersion = try APIVersion.minor(texts[content])
        case "pypi:project-status": status = content
        case "pypi:project-status-reason": statusReason = content
        default: break
        }
    }

    /// Takes the first `<base href>`, as pip does.
    private mutating func readBase() {
        guard !hasBase, let href = value(of: hrefName) else { return }
        hasBase = true
        base = base.resolving(URLText.cleaned(texts[href])) ?? base
    }

    /// The decoded value of the tag's first attribute with this name.
    private mutating func value(of name: ShortText) -> Range<Int>? {
        tokenizer.value(of: name).map { decoded($0) }
    }

    /// An attribute's value with its entities decoded.
    mutating func decoded(_ value: Range<Int>) -> Range<Int> {
        let document = tokenizer.bytes
        let raw = document.span.extracting(value)
        guard ByteSearch.first(0x26, in: raw, from: 0) != nil else { return value }
        // Neighbours mostly say the same, as in `&gt;=3.8`.
        let last = document.span.extracting(lastDecoded.value)
        if last.count == raw.count, ByteSearch.starts(raw, at: 0, with: last) {
            return lastDecoded.text
        }
        let text = texts.add { HTMLText.appendDecoded(document[value], to: &$0) }
        lastDecoded = (value, text)
        return text
    }
}
