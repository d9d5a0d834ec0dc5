internal import HTTPModel

/// The name of a project, as given and in normal form.
///
/// Source: packaging.python.org, "Names and normalization".
package struct ProjectName: Sendable, Hashable {
    /// The longest name that is looked at; PyPI's own are shorter.
    static let limit = 200

    /// In lower case, with each run of `-`, `_` and `.` as one `-`.
    package let normalized: String

    /// Checks a name: ASCII letters, digits, `.`, `-` and `_`; the first and last alphanumeric.
    package init?(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8)[...])
    }

    init?(bytes: ArraySlice<UInt8>) {
        guard let first = bytes.first, let last = bytes.last, bytes.count <= Self.limit,
            Self.isAlphanumeric(first), Self.isAlphanumeric(last)
        else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            guard Self.isSeparator(byte) || Self.isAlphanumeric(byte) else { return nil }
            Self.append(byte, to: &result)
        }
        normalized = String(decoding: result, as: UTF8.self)
    }

    /// A part of a name in normal form, unchecked.
    static func normalized(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        for byte in bytes { append(byte, to: &result) }
        return String(decoding: result, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to result: inout [UInt8]) {
        if isSeparator(byte) {
            if result.last != 0x2D { result.append(0x2D) }
        } else {
            result.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == 0x2D || byte == 0x2E || byte == 0x5F
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}

/// The names of documents, as ``Resource`` holds them.
enum DocumentName {
    static let projectList = "simple/"

    static func page(of project: ProjectName) -> String {
        "simple/\(project.normalized)/"
    }

    /// The normalised project name in the name of a project's page, or nil.
    static func project(in name: String) -> String? {
        guard name.hasPrefix(projectList), name.hasSuffix("/") else { return nil }
        let inner = name.dropFirst(projectList.utf8.count).dropLast()
        return inner.isEmpty ? nil : String(inner)
    }
}
