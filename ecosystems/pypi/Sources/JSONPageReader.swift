internal import Digests
internal import Ecosystems
internal import HTTPModel

/// Reads a project's page in JSON (PEP 691 and what followed it).
struct JSONPageReader {
    // What follows is also for JSONPageReader+Files.swift.
    let bytes: [UInt8]
    var reader: DocumentReader
    let base: AbsoluteURL
    let map: FileMap
    var texts: PageTexts
    /// Unknown keys of the object that is being read.
    var keys = JSONKeySet()
    let names = FileKeys.names

    private let project: String

    private var minorVersion: Int?
    private var filesValue: Range<Int>?
    var files: [ProjectFile] = []
    private var status: Range<Int>?
    private var statusReason: Range<Int>?
    private var serial: Int64?

    init(_ document: UpstreamDocument, project: String, map: FileMap) {
        bytes = document.bytes
        reader = DocumentReader(document.bytes)
        base = document.url
        self.project = project
        self.map = map
        texts = PageTexts(document.bytes)
    }

    /// Reads and checks the whole page.
    ///
    /// - Throws: A fault for what is no page of this project that we understand.
    consuming func page() throws(DocumentFault) -> ProjectPage {
        try reader.enterObject()
        var names: Set<String> = []
        while let key = try reader.nextKey() {
            let name = key.string(in: bytes)
            let isKnown = try member(name)
            guard !isKnown || names.insert(name).inserted else {
                throw DocumentFault("the page has a key twice")
            }
        }
        try reader.finish()
        guard let minorVersion else {
            throw DocumentFault("the page does not say its API version")
        }
        guard let filesValue else { throw DocumentFault("the page has no list of files") }
        return ProjectPage(
            source: .json(files: filesValue, count: bytes.count),
            bytes: texts.bytes, base: base, project: project,
            minorVersion: minorVersion, files: files, status: status, statusReason: statusReason,
            serial: serial)
    }

    /// Reads one member of the page; false for one that we only copy.
    private mutating func member(_ name: String) throws(DocumentFault) -> Bool {
        switch name {
        case "meta": try readMeta()
        case "name": try checkName()
        case "files": try readFiles()
        case "project-status": try readStatus()
        default:
            _ = try reader.value()
            return false
        }
        return true
    }

    private mutating func readMeta() throws(DocumentFault) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("api-version", in: bytes) else {
                let value = try reader.value()
                if key.equals(Serial.key, in: bytes) { serial = Serial.number(bytes[value]) }
                continue
            }
            guard minorVersion == nil else { throw DocumentFault("the page has a key twice") }
            let version = try reader.string().decoded(in: bytes)
            minorVersion = try APIVersion.minor(version[...])
        }
    }

    private mutating func checkName() throws(DocumentFault) {
        let name = try reader.string().decoded(in: bytes)
        guard ProjectName(bytes: name[...])?.normalized == project else {
            throw DocumentFault("the page is another project's")
        }
    }

    private mutating func readStatus() throws(DocumentFault) {
        guard try reader.kind() == .object else {
            _ = try reader.value()
            return
        }
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let isStatus = key.equals("status", in: bytes)
            let isReason = key.equals("reason", in: bytes)
            guard isStatus || isReason, try reader.kind() == .string else {
                _ = try reader.value()
                continue
            }
            let text = try text()
            if isStatus { status = text } else { statusReason = text }
        }
    }

    private mutating func readFiles() throws(DocumentFault) {
        guard try reader.kind() == .array else {
            throw DocumentFault("the page's files are not a list")
        }
        let start = reader.position
        try reader.enterArray()
        // Few entries are shorter, so this is mostly too much by less than half.
        files.reserveCapacity(min(bytes.count / 400, ProjectPage.fileLimit))
        while try reader.nextElement() {
            guard files.count < ProjectPage.fileLimit else {
                throw DocumentFault("the page has too many files")
            }
            try readFile()
        }
        filesValue = start..<reader.position
    }

    /// The next value, a string, decoded.
    private mutating func text() throws(DocumentFault) -> Range<Int> {
        decoded(try reader.string())
    }

    mutating func decoded(_ text: JSONText) -> Range<Int> {
        text.hasEscapes ? texts.add(text.decoded(in: bytes)) : text.range
    }
}

/// The version of the simple API that a page says it has (PEP 629).
enum APIVersion {
    /// The minor version; a fault for another major version than 1.
    static func minor(_ text: ArraySlice<UInt8>) throws(DocumentFault) -> Int {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 2, let major = number(parts[0]), let minor = number(parts[1]) else {
            throw DocumentFault("the page's API version is malformed")
        }
        guard major == 1 else {
            throw DocumentFault("the page has an API version that we do not know")
        }
        return minor
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...4).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
