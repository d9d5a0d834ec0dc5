internal import Ecosystems
internal import HTTPModel

/// The list of all projects, read and rendered in one pass each: it makes no objects.
///
/// A list has some 700,000 names in 31 MB, so besides the document there is only what is written.
/// Names stay as they are displayed; links are relative to `simple/`.
/// Source: simple repository API, "Project list".
struct ProjectList {
    private let document: UpstreamDocument
    private let isJSON: Bool

    init(_ document: UpstreamDocument, isJSON: Bool) {
        self.document = document
        self.isJSON = isJSON
    }

    /// - Returns: How many projects it has, and its serial if it has one.
    /// - Throws: A fault for what is no list of projects that we understand.
    @discardableResult
    func check() throws(DocumentFault) -> (count: Int, serial: Int64?) {
        var nowhere = Output(form: nil, reservingCapacity: 0)
        try write(to: &nowhere)
        return (nowhere.count, nowhere.serial)
    }

    func rendered(as form: SimpleForm) throws(DocumentFault) -> [UInt8] {
        // The upstream's own JSON has no URL in it, and keys that only it knows.
        if isJSON, form == .json { return document.bytes }
        var output = Output(form: form, reservingCapacity: document.bytes.count * 5 / 4)
        try write(to: &output)
        return output.finished()
    }

    private func write(to output: inout Output) throws(DocumentFault) {
        if isJSON { try writeJSON(to: &output) } else { try writeHTML(to: &output) }
    }

    // MARK: JSON

    private func writeJSON(to output: inout Output) throws(DocumentFault) {
        var reader = DocumentReader(document.bytes)
        var version: Int?
        var later: Int?
        var hasProjects = false
        try reader.enterObject()
        while let key = try reader.nextKey() {
            if key.equals("meta", in: document.bytes) {
                version = try minorVersion(&reader, &output)
            } else if key.equals("projects", in: document.bytes), !hasProjects {
                hasProjects = true
                // Usually the version stands first, and one pass does.
                if let version {
                    output.begin(minorVersion: version)
                    try writeNames(&reader, to: &output)
                } else {
                    later = reader.position
                    _ = try reader.value()
                }
            } else {
                _ = try reader.value()
            }
        }
        try reader.finish()
        guard let version else {
            throw DocumentFault("the list of projects does not say its API version")
        }
        guard hasProjects else { throw DocumentFault("the document is no list of projects") }
        guard let later else { return }
        output.begin(minorVersion: version)
        reader = DocumentReader(document.bytes, at: later)
        try writeNames(&reader, to: &output)
    }

    /// The version, of `meta`; the serial that stands there goes to the output.
    private func minorVersion(
        _ reader: inout DocumentReader, _ output: inout Output
    ) throws(DocumentFault) -> Int? {
        var version: Int?
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("api-version", in: document.bytes) else {
                let value = try reader.value()
                if key.equals(Serial.key, in: document.bytes) {
                    output.serial = Serial.number(document.bytes[value])
                }
                continue
            }
            let text = try reader.string().decoded(in: document.bytes)
            version = try APIVersion.minor(text[...])
        }
        return version
    }

    private func writeNames(
        _ reader: inout DocumentReader, to output: inout Output
    ) throws(DocumentFault) {
        let nameKey = ShortText("name")
        let bytes = document.bytes
        try reader.enterArray()
        while try reader.nextElement() {
            var name: JSONText?
            try reader.enterObject()
            while let member = try reader.nextMember() {
                if Self.isKey(member.key, nameKey, in: bytes) {
                    guard member.kind == .string else {
                        throw DocumentFault("a project of the list has no name")
                    }
                    name = member.text
                } else if member.kind == .object || member.kind == .array {
                    _ = try reader.value()
                }
            }
            guard let name else { throw DocumentFault("a project of the list has no name") }
            if name.hasEscapes {
                output.add(name.decoded(in: bytes).span)
            } else {
                output.add(bytes.span.extracting(name.range))
            }
        }
    }

    private static func isKey(_ key: JSONText, _ name: ShortText, in bytes: [UInt8]) -> Bool {
        guard key.hasEscapes else { return ShortText(key.range, of: bytes.span) == name }
        let decoded = key.decoded(in: bytes)
        return ShortText(0..<decoded.count, of: decoded.span) == name
    }

    // MARK: HTML

    /// A link whose text and whose last segment are one name is a project; others are none.
    private func writeHTML(to output: inout Output) throws(DocumentFault) {
        var tokenizer = HTMLTokenizer(document.bytes)
        let bytes = document.bytes.span
        var version: Int?
        output.begin(minorVersion: 0)
        while let tag = tokenizer.nextTag() {
            if tag == Self.anchor {
                let href = tokenizer.value(of: AnchorAttribute.hrefName)
                let text = Self.trimmed(tokenizer.text(), of: bytes)
                guard let href, Self.isLink(bytes.extracting(href), to: bytes.extracting(text))
                else { continue }
                output.add(bytes.extracting(text))
            } else if tag == Self.meta {
                version = try Self.minorVersion(tokenizer) ?? version
            }
        }
        output.serial = Serial.ofPage(document.bytes)
        guard output.count > 0 || version != nil else {
            throw DocumentFault("the document is no list of projects")
        }
    }

    private static let anchor = ShortText("a")
    private static let meta = ShortText("meta")

    private static func minorVersion(_ tokenizer: HTMLTokenizer) throws(DocumentFault) -> Int? {
        guard let name = tokenizer.value(of: ShortText("name")),
            tokenizer.bytes[name].elementsEqual("pypi:repository-version".utf8),
            let content = tokenizer.value(of: ShortText("content"))
        else { return nil }
        return try APIVersion.minor(tokenizer.bytes[content])
    }

    private static func isLink(_ href: Span<UInt8>, to text: Span<UInt8>) -> Bool {
        var segment = URLText.lastSegment(href)
        if segment.isEmpty, segment.lowerBound > 0 {
            let folder = href.extracting(0..<segment.lowerBound - 1)
            segment = URLText.lastSegment(folder)
        }
        return ProjectName.areSame(href.extracting(segment), text)
    }

    private static func trimmed(_ text: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
        var (start, end) = (text.lowerBound, text.upperBound)
        while start < end, HTMLTokenizer.isSpace(bytes[start]) { start += 1 }
        while start < end, HTMLTokenizer.isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }
}

extension ProjectList {
    /// What is written, or only counted when there is no form.
    private struct Output {
        private let form: SimpleForm?
        private var bytes: [UInt8] = []
        private(set) var count = 0
        var serial: Int64?

        init(form: SimpleForm?, reservingCapacity capacity: Int) {
            self.form = form
            bytes.reserveCapacity(capacity)
        }

        mutating func begin(minorVersion: Int) {
            switch form {
            case nil: break
            case .json: append("{\"meta\":{\"api-version\":\"1.\(minorVersion)\"},\"projects\":[")
            case .html, .textHTML:
                append("<!DOCTYPE html>\n<html>\n  <head>\n")
                append("    <meta name=\"pypi:repository-version\" content=\"1.")
                append("\(min(minorVersion, 4))\">\n")
                append("    <title>Simple index</title>\n  </head>\n  <body>\n")
            }
        }

        /// Adds a project; what is no name of a project is left out, since nobody could ask for it.
        mutating func add(_ name: Span<UInt8>) {
            guard ProjectName.isName(name) else { return }
            count += 1
            switch form {
            case nil: break
            case .json:
                // A name needs no escape.
                append(count == 1 ? "{\"name\":\"" : ",{\"name\":\"")
                bytes.append(copying: name)
                append("\"}")
            case .html, .textHTML:
                append("    <a href=\"")
                ProjectName.appendNormalized(name, to: &bytes)
                append("/\">")
                bytes.append(copying: name)
                append("</a><br />\n")
            }
        }

        consuming func finished() -> [UInt8] {
            append(form == .json ? "]}" : "  </body>\n</html>\n")
            return bytes
        }

        private mutating func append(_ text: String) {
            bytes.append(contentsOf: text.utf8)
        }
    }
}
