internal import Ecosystems
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

    static func isName(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        guard count > 0, count <= limit, ByteSet.alphanumerics.contains(bytes[0]),
            ByteSet.alphanumerics.contains(bytes[count - 1])
        else { return false }
        return ByteSet.nameBytes.containsAll(of: bytes)
    }

    static func isName(_ bytes: ArraySlice<UInt8>) -> Bool { isName(bytes.span) }

    /// Whether two names have one normal form.
    ///
    /// - Complexity: One pass without allocating.
    static func areSame(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        var (left, right) = (0, 0)
        while left < one.count {
            guard right < other.count,
                nextNormalized(one, &left) == nextNormalized(other, &right)
            else { return false }
        }
        return right == other.count
    }

    /// A part of a name in normal form, unchecked.
    static func normalized(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        appendNormalized(bytes.span, to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    static func appendNormalized(_ bytes: Span<UInt8>, to result: inout [UInt8]) {
        var index = 0
        while index < bytes.count { result.append(nextNormalized(bytes, &index)) }
    }

    /// Takes the next byte of the normal form; `index` is within `bytes`.
    @inline(__always)
    private static func nextNormalized(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8 {
        let byte = bytes[index]
        index &+= 1
        guard isSeparator(byte) else { return byte &- 0x41 < 26 ? byte | 0x20 : byte }
        while index < bytes.count, isSeparator(bytes[index]) { index &+= 1 }
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
