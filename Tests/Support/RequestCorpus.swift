import Foundation

/// The requests of `Tests/Fixtures/requests/corpus.tsv`, each with its verdict.
package struct RequestCorpus {
    package struct Row: Sendable, CustomStringConvertible {
        /// 200 for exactly one good request; else the answer after which the connection closes.
        package let status: Int
        package let description: String
        package let bytes: [UInt8]
    }

    /// Rows that are malformed in the same way.
    package struct Class: Sendable, CustomStringConvertible {
        package let name: String
        /// The RFC and section that they are against.
        package let source: String
        package let members: [Row]
        package var description: String { "\(name), \(source)" }
    }

    package static let rows = lines(of: "corpus.tsv").compactMap(row)

    /// The classes of `Tests/Fixtures/requests/classes.tsv`.
    package static let classes = lines(of: "classes.tsv").compactMap { line -> Class? in
        let columns = line.split(separator: "\t")
        guard columns.count == 3, let pattern = try? Regex(String(columns[2])) else { return nil }
        return Class(
            name: String(columns[0]), source: String(columns[1]),
            members: rows.filter { row in
                (try? pattern.wholeMatch(in: row.description.dropFirst(4))) != nil
            })
    }

    private static func lines(of name: String) -> [Substring] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/requests/\(name)")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    private static func row(_ line: Substring) -> Row? {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard columns.count == 3, let status = Int(columns[0]) else { return nil }
        var rest = Array(columns[2].utf8)[...]
        return Row(
            status: status, description: "\(status) \(columns[1])", bytes: expand(&rest))
    }

    /// Reads up to the end, or to the closing brace of a repetition.
    private static func expand(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "}") {
            switch byte {
            case UInt8(ascii: "\\"): result.append(escaped(&rest))
            case UInt8(ascii: "{"):
                let digits = rest.prefix { $0 != UInt8(ascii: "*") }
                rest = rest.dropFirst(digits.count + 1)
                let piece = expand(&rest)
                for _ in 0..<(Int(String(decoding: digits, as: UTF8.self)) ?? 0) {
                    result += piece
                }
            default: result.append(byte)
            }
        }
        return result
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        switch rest.popFirst() {
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "x"):
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            return UInt8(digits, radix: 16) ?? 0
        default: return UInt8(ascii: "\\")
        }
    }
}
