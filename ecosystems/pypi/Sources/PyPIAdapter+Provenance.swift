internal import Ecosystems
internal import HTTPModel

/// Where the provenance of a file is, in a page (PEP 740).
///
/// That URL must be absolute, so it is ours wherever it is known how we are reached, and the upstream's
/// under a host that may not appear in our URLs. Nothing else in a page depends on it. PEP 740 wants a
/// secure origin: ours is as secure as the page itself, which the client got from it.
/// Source: simple repository API, "Project Detail", key `provenance`.
extension PyPIAdapter {
    /// The route of a page with the base that its provenance URLs need, if they can be ours.
    func withProvenance(_ route: Route, _ base: PublicBase?) -> Route {
        guard case .document(let name, let variant, _) = route, let base else { return route }
        return .document(name: name, variant: Variant(variant.name, base: base))
    }

    /// A rendered page with our provenance URLs in the place of the upstream's.
    func withOurProvenance(
        _ page: [UInt8], in form: SimpleForm, base: PublicBase?
    ) throws(DocumentFault) -> [UInt8] {
        guard let base, let theirs = upstream.simple.resolving("../integrity/") else { return page }
        let ours = "\(base.text)/\(mount.joined(separator: "/"))/integrity/"
        switch form {
        case .json: return try Self.json(page, from: theirs.description, to: ours)
        case .textHTML, .html:
            // No text can hold this: in texts and values quotes are escaped.
            let attribute = " data-provenance=\""
            return Self.replacing(attribute + theirs.description, in: page, by: attribute + ours)
        }
    }

    /// Only the values of `provenance` in `files` change, by their beginning.
    private static func json(
        _ page: [UInt8], from theirs: String, to ours: String
    ) throws(DocumentFault) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(page.count)
        var copied = 0
        var reader = DocumentReader(page)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard try reader.kind() == .array, key.equals("files", in: page) else {
                _ = try reader.value()
                continue
            }
            try reader.enterArray()
            while try reader.nextElement() {
                for text in try provenance(&reader) {
                    // Escapes of letters that need none are the only ones that a URL may have.
                    let url = text.string(in: page)
                    guard url.hasPrefix(theirs), AbsoluteURL(url) != nil else { continue }
                    output.append(contentsOf: page[copied..<text.range.lowerBound])
                    output.append(contentsOf: (ours + url.dropFirst(theirs.count)).utf8)
                    copied = text.range.upperBound
                }
            }
        }
        output.append(contentsOf: page[copied...])
        return output
    }

    /// The provenance URLs of the file that is the reader's next value.
    private static func provenance(
        _ reader: inout DocumentReader
    ) throws(DocumentFault) -> [JSONText] {
        guard try reader.kind() == .object else {
            _ = try reader.value()
            return []
        }
        var found: [JSONText] = []
        try reader.enterObject()
        while let key = try reader.nextKey() {
            if try reader.kind() == .string, key.equals("provenance", in: reader.bytes) {
                found.append(try reader.string())
            } else {
                _ = try reader.value()
            }
        }
        return found
    }

    private static func replacing(_ old: String, in text: [UInt8], by new: String) -> [UInt8] {
        let pattern = Array(old.utf8)
        let replacement = Array(new.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        let bytes = text.span
        var copied = 0
        var index = 0
        while index + pattern.count <= bytes.count {
            var matched = 0
            while matched < pattern.count, bytes[index + matched] == pattern[matched] {
                matched += 1
            }
            guard matched == pattern.count else {
                index += 1
                continue
            }
            output.append(contentsOf: text[copied..<index])
            output.append(contentsOf: replacement)
            index += pattern.count
            copied = index
        }
        output.append(contentsOf: text[copied...])
        return output
    }
}
