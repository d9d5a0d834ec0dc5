package import Ecosystems

/// One file of OSV's format, as far as it is about packages that are malicious.
///
/// Source: <https://ossf.github.io/osv-schema/>
package struct OSVRecord: Sendable, Hashable {
    package let id: String
    package let isWithdrawn: Bool
    /// For each package of an ecosystem that is served here.
    package let affected: [MalwareRecord]

    /// The largest file that is read, in bytes; the largest there is has less than 1 MiB.
    package static let byteLimit = 16 << 20

    /// Whether it says that a package is malicious, and not only that it is vulnerable.
    package var isMalware: Bool { id.hasPrefix("MAL-") }

    /// Reads a file; what it says of ecosystems without a scheme is left out.
    package init(
        _ bytes: [UInt8], schemes: [String: any VersionScheme]
    ) throws(PolicyError) {
        do throws(DocumentFault) {
            try self.init(reading: bytes, schemes)
        } catch {
            throw PolicyError("no record of OSV: \(error)")
        }
    }

    private init(
        reading bytes: [UInt8], _ schemes: [String: any VersionScheme]
    ) throws(DocumentFault) {
        var reader = DocumentReader(bytes)
        var id: String?
        var isWithdrawn = false
        var affected: [Affected] = []
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: bytes), try reader.kind()) {
            case ("id", .string): id = try reader.string().string(in: bytes)
            case ("withdrawn", .string):
                _ = try reader.value()
                isWithdrawn = true
            case ("affected", .array):
                try reader.enterArray()
                while try reader.nextElement() { affected.append(try Affected(&reader)) }
            default: _ = try reader.value()
            }
        }
        try reader.finish()
        guard let id, !id.isEmpty, id.utf8.count <= 100, id.utf8.allSatisfy({ $0 > 0x20 }) else {
            throw DocumentFault("it has no id")
        }
        self.id = id
        self.isWithdrawn = isWithdrawn
        self.affected = affected.compactMap { one in
            guard let ecosystem = Self.ecosystems[one.ecosystem], let scheme = schemes[ecosystem]
            else { return nil }
            // A record that says of no version is about all of them.
            let isBare = one.versions.isEmpty && one.spans.isEmpty
            return MalwareRecord(
                id: id, ecosystem: ecosystem, package: scheme.canonical(package: one.name),
                versions: one.versions, spans: isBare ? [.init()] : one.spans)
        }
    }

    private static let ecosystems = ["npm": "npm", "PyPI": "pypi"]
}

/// An element of `affected`.
private struct Affected {
    var ecosystem = ""
    var name = ""
    var versions: [String] = []
    var spans: [MalwareRecord.Span] = []

    init(_ reader: inout DocumentReader) throws(DocumentFault) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: reader.bytes), try reader.kind()) {
            case ("package", .object):
                let texts = try Self.texts(&reader)
                ecosystem = String((texts["ecosystem"] ?? "").prefix { $0 != ":" })
                name = texts["name"] ?? ""
            case ("versions", .array):
                try reader.enterArray()
                while try reader.nextElement() {
                    versions.append(try reader.string().string(in: reader.bytes))
                }
            case ("ranges", .array):
                try reader.enterArray()
                while try reader.nextElement() { try readRange(&reader) }
            default: _ = try reader.value()
            }
        }
    }

    private mutating func readRange(_ reader: inout DocumentReader) throws(DocumentFault) {
        var isGit = false
        var found: [MalwareRecord.Span] = []
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: reader.bytes), try reader.kind()) {
            case ("type", .string):
                isGit = try reader.string().string(in: reader.bytes) == "GIT"
            case ("events", .array):
                try reader.enterArray()
                while try reader.nextElement() { Self.add(try Self.texts(&reader), to: &found) }
            default: _ = try reader.value()
            }
        }
        // Commits are no versions.
        if !isGit { spans += found }
    }

    private static func add(_ event: [String: String], to spans: inout [MalwareRecord.Span]) {
        if let start = event["introduced"] {
            spans.append(.init(introduced: start == "0" ? nil : start))
        }
        guard !spans.isEmpty else { return }
        if let fixed = event["fixed"] { spans[spans.count - 1].fixed = fixed }
        if let last = event["last_affected"] { spans[spans.count - 1].lastAffected = last }
    }

    private static func texts(
        _ reader: inout DocumentReader
    ) throws(DocumentFault) -> [String: String] {
        var found: [String: String] = [:]
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard try reader.kind() == .string else {
                _ = try reader.value()
                continue
            }
            let text = try reader.string().string(in: reader.bytes)
            found[key.string(in: reader.bytes)] = text
        }
        return found
    }
}
