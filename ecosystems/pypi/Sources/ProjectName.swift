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
        guard Self.isName(bytes) else { return nil }
        normalized = Self.normalized(bytes)
    }

    static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, bytes.count <= limit else {
            return false
        }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isSeparator($0) || isAlphanumeric($0) }
    }

    /// Whether two names have one normal form.
    ///
    /// - Complexity: One pass without allocating.
    static func areSame(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        var (left, right) = (one, other)
        while let byte = nextNormalized(&left) {
            guard nextNormalized(&right) == byte else { return false }
        }
        return right.isEmpty
    }

    /// A part of a name in normal form, unchecked.
    static func normalized(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        appendNormalized(bytes, to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    static func appendNormalized(_ bytes: ArraySlice<UInt8>, to result: inout [UInt8]) {
        var rest = bytes
        while let byte = nextNormalized(&rest) { result.append(byte) }
    }

    /// Takes the next byte of the normal form.
    private static func nextNormalized(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        guard let byte = rest.popFirst() else { return nil }
        guard isSeparator(byte) else {
            return (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
        while let next = rest.first, isSeparator(next) { rest.removeFirst() }
        return 0x2D
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
