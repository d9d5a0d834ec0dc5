internal import Digests
internal import Ecosystems
internal import HTTPModel

/// Reads a project's page in HTML (PEP 503 and what followed it), from old mirrors as well.
struct HTMLPageReader {
    private var tokenizer: HTMLTokenizer
    private let project: String
    private let map: FileMap
    private var base: AbsoluteURL
    private var pool: TextPool

    private var hasBase = false
    private var minorVersion: Int?
    private var files: [ProjectFile] = []
    private var status: Range<Int>?
    private var statusReason: Range<Int>?

    init(_ document: UpstreamDocument, project: String, map: FileMap) {
        let bytes = Self.repaired(document.bytes)
        tokenizer = HTMLTokenizer(bytes)
        self.project = project
        self.map = map
        base = document.url
        pool = TextPool(documentCount: bytes.count)
    }

    /// Reads and checks the whole page.
    ///
    /// - Throws: A fault for a page that names no file and does not say that it is an index: a login
    ///   page or an error page with status 200 is not an empty project.
    consuming func page() throws(DocumentFault) -> ProjectPage {
        while let tag = tokenizer.nextTag() {
            if tokenizer.isName(tag, "a") {
                guard let file = file() else { continue }
                guard files.count < ProjectPage.fileLimit else {
                    throw DocumentFault("the page has too many files")
                }
                files.append(file)
            } else if tokenizer.isName(tag, "meta") {
                try readMeta()
            } else if tokenizer.isName(tag, "base") {
                readBase()
            }
        }
        guard !files.isEmpty || minorVersion != nil else {
            throw DocumentFault("the page is no index page: it names no file")
        }
        return ProjectPage(
            source: .html, bytes: tokenizer.bytes + pool.bytes, base: base, project: project,
            minorVersion: minorVersion ?? 0, files: files, status: status,
            statusReason: statusReason)
    }

    /// The bytes as UTF-8: what is not (old pages in Latin-1) becomes U+FFFD.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        if String(validating: bytes, as: UTF8.self) != nil { return bytes }
        return Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    private mutating func readMeta() throws(DocumentFault) {
        guard let name = value(of: "name"), let content = value(of: "content") else { return }
        switch String(decoding: text(name), as: UTF8.self).asciiLowercased {
        case "pypi:repository-version": minorVersion = try APIVersion.minor(text(content))
        case "pypi:project-status": status = content
        case "pypi:project-status-reason": statusReason = content
        default: break
        }
    }

    /// Takes the first `<base href>`, as pip does.
    private mutating func readBase() {
        guard !hasBase, let href = value(of: "href") else { return }
        hasBase = true
        base = base.resolving(URLText.cleaned(text(href))) ?? base
    }

    /// The file that the anchor links to; nil for an anchor that links to none.
    private mutating func file() -> ProjectFile? {
        guard let href = value(of: "href") else { return nil }
        let whole = text(href)
        let hashMark = whole.firstIndex(of: UInt8(ascii: "#")) ?? whole.endIndex
        let urlCount = hashMark - whole.startIndex
        let url = href.lowerBound..<href.lowerBound + urlCount
        guard let filename = filename(in: url),
            let link = map.link(to: url, from: base, in: tokenizer.bytes, &pool)
        else { return nil }
        var file = ProjectFile(
            filename: filename, place: link.place, link: link.text, url: url,
            origin: .html(unknownAttributes: 0..<0))
        let fragment = href.lowerBound + urlCount + 1
        if fragment < href.upperBound { file.hash = hash(in: fragment..<href.upperBound) }
        readAttributes(into: &file)
        return file
    }

    /// The last segment of a link's path, decoded, when a distribution may have that name.
    private mutating func filename(in url: Range<Int>) -> Range<Int>? {
        let whole = text(url)
        var segment = URLText.lastSegment(whole)
        while let last = segment.last, HTMLTokenizer.isSpace(last) { segment.removeLast() }
        if segment.contains(0x25) {
            guard let decoded = PercentEncoding.decoded(segment),
                Self.isFilename(decoded[...]), String(validating: decoded, as: UTF8.self) != nil
            else { return nil }
            return pool.add(decoded)
        }
        guard Self.isFilename(segment) else { return nil }
        let start = url.lowerBound + segment.startIndex - whole.startIndex
        return start..<start + segment.count
    }

    private static func isFilename(_ name: ArraySlice<UInt8>) -> Bool {
        DistributionFileName.hasSuffix(name) && DistributionFileName.isFileName(name)
    }

    /// The hash that a fragment names; other fields (`egg=`) may stand beside it.
    private func hash(in fragment: Range<Int>) -> ProjectFile.Hash? {
        var start = fragment.lowerBound
        for field in text(fragment).split(separator: 0x26, omittingEmptySubsequences: false) {
            if let hash = hash(field, at: start) { return hash }
            start += field.count + 1
        }
        return nil
    }

    private func hash(_ field: ArraySlice<UInt8>, at start: Int) -> ProjectFile.Hash? {
        guard let sign = field.firstIndex(of: 0x3D) else { return nil }
        let hex = field[(sign + 1)...]
        let name = String(decoding: field[..<sign], as: UTF8.self)
        guard let algorithm = DigestAlgorithm(rawValue: name),
            JSONPageReader.isHex(hex, of: algorithm)
        else { return nil }
        let hexStart = start + sign + 1 - field.startIndex
        return ProjectFile.Hash(algorithm: algorithm, hex: hexStart..<hexStart + hex.count)
    }

    private mutating func readAttributes(into file: inout ProjectFile) {
        var unknown: [UInt8] = []
        var seen: Set<AnchorAttribute> = []
        var olderMetadata: ProjectFile.Metadata?
        for attribute in tokenizer.attributes {
            guard let known = AnchorAttribute(attribute.name, in: tokenizer) else {
                AnchorAttribute.append(attribute, of: tokenizer, to: &unknown)
                continue
            }
            guard seen.insert(known).inserted else { continue }
            let range = decoded(attribute.value)
            let isEmpty = range.isEmpty
            switch known {
            case .href: break
            case .requiresPython: file.requiresPython = isEmpty ? nil : range
            case .yanked: file.yank = isEmpty ? .yanked : .reason(range)
            case .coreMetadata: file.metadata = metadata(range)
            case .pep658Metadata: olderMetadata = metadata(range)
            case .signature: file.signature = signature(range)
            case .size: file.size = isSize(range) ? range : nil
            case .uploadTime:
                file.uploadTime = UploadTime.secondsSince1970(text(range)) == nil ? nil : range
            case .provenance: file.provenance = URLText.isAbsolute(text(range)) ? range : nil
            }
        }
        if !seen.contains(.coreMetadata), let olderMetadata { file.metadata = olderMetadata }
        if !unknown.isEmpty { file.origin = .html(unknownAttributes: pool.add(unknown)) }
    }

    private func metadata(_ value: Range<Int>) -> ProjectFile.Metadata {
        if text(value).elementsEqual("true".utf8) { return .announced }
        guard let hash = hash(text(value), at: value.lowerBound),
            hash.algorithm.fragmentRank != nil
        else { return .notAnnounced }
        return .hashed(hash)
    }

    private func signature(_ value: Range<Int>) -> ProjectFile.Signature {
        if text(value).elementsEqual("true".utf8) { return .signed }
        return text(value).elementsEqual("false".utf8) ? .unsigned : .unknown
    }

    private func isSize(_ value: Range<Int>) -> Bool {
        (1...18).contains(value.count) && text(value).allSatisfy { (0x30...0x39).contains($0) }
            && (value.count == 1 || text(value).first != 0x30)
    }

    /// The decoded value of the tag's first attribute with this name.
    private mutating func value(of name: String) -> Range<Int>? {
        tokenizer.attributes.first { tokenizer.isName($0.name, name) }.map { decoded($0.value) }
    }

    private mutating func decoded(_ value: Range<Int>) -> Range<Int> {
        let raw = tokenizer.bytes[value]
        return raw.contains(0x26) ? pool.add(HTMLText.decoded(raw)) : value
    }

    private func text(_ range: Range<Int>) -> ArraySlice<UInt8> {
        pool.text(range, of: tokenizer.bytes)
    }
}

/// The attributes of a link to a file that we know.
enum AnchorAttribute: String, CaseIterable {
    case href
    case requiresPython = "data-requires-python"
    case yanked = "data-yanked"
    case coreMetadata = "data-core-metadata"
    case pep658Metadata = "data-dist-info-metadata"
    case signature = "data-gpg-sig"
    case size = "data-size"
    case uploadTime = "data-upload-time"
    case provenance = "data-provenance"

    init?(_ name: Range<Int>, in tokenizer: HTMLTokenizer) {
        guard let known = Self.allCases.first(where: { tokenizer.isName(name, $0.rawValue) }) else {
            return nil
        }
        self = known
    }

    /// Writes an attribute that we do not know, when it is one for programs: `data-…` or `rel`.
    static func append(
        _ attribute: HTMLTokenizer.Attribute, of tokenizer: HTMLTokenizer,
        to result: inout [UInt8]
    ) {
        let name = tokenizer.bytes[attribute.name].map(HTMLTokenizer.lowercased)
        let isPlain = name.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
        }
        guard isPlain, name.elementsEqual("rel".utf8) || name.starts(with: "data-".utf8) else {
            return
        }
        result.append(0x20)
        result.append(contentsOf: name)
        result.append(contentsOf: "=\"".utf8)
        HTMLText.append(HTMLText.decoded(tokenizer.bytes[attribute.value])[...], to: &result)
        result.append(0x22)
    }
}
