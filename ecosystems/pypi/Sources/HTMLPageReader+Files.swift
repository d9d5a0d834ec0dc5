internal import Digests
internal import Ecosystems
internal import HTTPModel

extension HTMLPageReader {
    /// Reads the file that the anchor links to; an anchor that links to none is passed over.
    mutating func readFile() {
        guard let href = tokenizer.value(of: hrefName), var file = linked(trimmed(href)) else {
            return
        }
        readAttributes(into: &file)
        files.append(file)
    }

    /// The file of a link, as far as the link tells.
    private mutating func linked(_ attribute: Range<Int>) -> ProjectFile? {
        if let plain = map.plainLink(in: tokenizer.bytes.span, attribute) {
            let fragment = decoded(plain.path.upperBound..<attribute.upperBound)
            return ProjectFile(
                filename: plain.filename, place: .packages, link: plain.path,
                url: attribute.lowerBound..<plain.path.upperBound,
                hash: hash(in: trimmed(fragment)))
        }
        var href = decoded(attribute)
        href = trimmed(href)
        let mark = ByteSearch.first(0x23, in: texts.bytes.span.extracting(href), from: 0)
        let url = href.lowerBound..<(mark.map { href.lowerBound + $0 } ?? href.upperBound)
        guard let filename = filename(in: url), let link = map.link(to: url, from: base, in: &texts)
        else { return nil }
        return ProjectFile(
            filename: filename, place: link.place, link: link.text, url: url,
            hash: hash(in: url.upperBound..<href.upperBound))
    }

    /// What stands between ASCII white space: an attribute that holds a URL is stripped of it.
    ///
    /// Source: HTML, "valid URL potentially surrounded by spaces".
    private func trimmed(_ text: Range<Int>) -> Range<Int> {
        var (start, end) = (text.lowerBound, text.upperBound)
        let bytes = texts.bytes.span
        while start < end, HTMLTokenizer.isSpace(bytes[start]) { start += 1 }
        while start < end, HTMLTokenizer.isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The last segment of a link's path, decoded, when a distribution may have that name.
    private mutating func filename(in url: Range<Int>) -> Range<Int>? {
        var segment = URLText.lastSegment(texts.bytes.span.extracting(url))
        segment = url.lowerBound + segment.lowerBound..<url.lowerBound + segment.upperBound
        while let last = texts[segment].last, HTMLTokenizer.isSpace(last) {
            segment = segment.lowerBound..<segment.upperBound - 1
        }
        if ByteSearch.first(0x25, in: texts.bytes.span.extracting(segment), from: 0) != nil {
            guard let decoded = PercentEncoding.decoded(texts[segment]),
                Self.isFilename(decoded.span), String(validating: decoded, as: UTF8.self) != nil
            else { return nil }
            return texts.add(decoded)
        }
        return Self.isFilename(texts.bytes.span.extracting(segment)) ? segment : nil
    }

    private static func isFilename(_ name: Span<UInt8>) -> Bool {
        DistributionFileName.hasSuffix(name) && DistributionFileName.isFileName(name)
    }

    /// The hash that a fragment names, with its `#`; other fields (`egg=`) may stand beside it.
    private func hash(in fragment: Range<Int>) -> ProjectFile.Hash? {
        hash(inFields: min(fragment.lowerBound + 1, fragment.upperBound)..<fragment.upperBound)
    }

    private func hash(inFields fields: Range<Int>) -> ProjectFile.Hash? {
        let bytes = texts.bytes.span
        var start = fields.lowerBound
        while start < fields.upperBound {
            let rest = bytes.extracting(start..<fields.upperBound)
            let end = ByteSearch.first(0x26, in: rest, from: 0) ?? rest.count
            if let hash = hash(inField: start..<start + end) { return hash }
            start += end + 1
        }
        return nil
    }

    private func hash(inField field: Range<Int>) -> ProjectFile.Hash? {
        let bytes = texts.bytes.span
        guard let sign = ByteSearch.first(0x3D, in: bytes.extracting(field), from: 0),
            let name = ShortText(field.lowerBound..<field.lowerBound + sign, of: bytes),
            let algorithm = algorithm(named: name)
        else { return nil }
        let hex = field.lowerBound + sign + 1..<field.upperBound
        guard JSONPageReader.isHex(bytes.extracting(hex), of: algorithm) else { return nil }
        return ProjectFile.Hash(algorithm: algorithm, hex: hex)
    }

    private func algorithm(named name: ShortText) -> DigestAlgorithm? {
        for index in algorithms.indices where algorithms[index].name == name {
            return algorithms[index].algorithm
        }
        return nil
    }

    private mutating func readAttributes(into file: inout ProjectFile) {
        var unknown: [UInt8] = []
        var seen: AnchorAttribute = []
        var olderMetadata = ProjectFile.Metadata.notAnnounced
        for index in tokenizer.attributes.indices {
            let attribute = tokenizer.attributes[index]
            guard let known = AnchorAttribute.named(tokenizer.name(attribute.name), names)
            else {
                AnchorAttribute.append(attribute, of: tokenizer, to: &unknown)
                continue
            }
            guard known != .href, seen.isDisjoint(with: known) else { continue }
            seen.formUnion(known)
            let range = decoded(attribute.value)
            if known == .pep658Metadata {
                olderMetadata = metadata(range)
            } else {
                set(known, range, of: &file)
            }
        }
        if !seen.contains(.coreMetadata), seen.contains(.pep658Metadata) {
            file.metadata = olderMetadata
        }
        if !unknown.isEmpty { file.origin = .html(unknownAttributes: texts.add(unknown)) }
    }

    private func set(_ known: AnchorAttribute, _ range: Range<Int>, of file: inout ProjectFile) {
        let text = texts.bytes.span.extracting(range)
        switch known {
        case .requiresPython: file.requiresPython = text.isEmpty ? nil : range
        case .yanked: file.yank = text.isEmpty ? .yanked : .reason(range)
        case .coreMetadata: file.metadata = metadata(range)
        case .signature: file.signature = signature(range)
        case .size: file.size = isSize(text) ? range : nil
        case .uploadTime:
            file.uploadTime = UploadTime.secondsSince1970(text) == nil ? nil : range
        case .provenance: file.provenance = URLText.isAbsolute(text) ? range : nil
        default: break
        }
    }

    private func metadata(_ value: Range<Int>) -> ProjectFile.Metadata {
        if texts.equals(value, "true") { return .announced }
        guard let hash = hash(inFields: value), hash.algorithm.fragmentRank != nil else {
            return .notAnnounced
        }
        return .hashed(hash)
    }

    private func signature(_ value: Range<Int>) -> ProjectFile.Signature {
        if texts.equals(value, "true") { return .signed }
        return texts.equals(value, "false") ? .unsigned : .unknown
    }

    private func isSize(_ text: Span<UInt8>) -> Bool {
        (1...18).contains(text.count) && ByteSet.decimalDigits.containsAll(of: text)
            && (text.count == 1 || text[0] != 0x30)
    }
}
