/// Swift text with comments and the contents of string literals blanked out, lines kept.
///
/// Enough of the language for rules about words: nested block comments, raw and multi-line strings.
/// Interpolations count as string contents.
struct SwiftCode {
    let lines: [Substring]

    init(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        let code = String(decoding: scanner.blanked(), as: UTF8.self)
        lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0
        var result: [UInt8] = []

        mutating func blanked() -> [UInt8] {
            while index < bytes.count {
                if starts("//") {
                    skip { $0.bytes[$0.index] == 0x0A }
                } else if starts("/*") {
                    skipBlockComment()
                } else if bytes[index] == 0x22 || bytes[index] == 0x23 {
                    skipString()
                } else {
                    result.append(bytes[index])
                    index += 1
                }
            }
            return result
        }

        func starts(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

        mutating func skip(until isEnd: (Scanner) -> Bool) {
            while index < bytes.count, !isEnd(self) { blank() }
        }

        mutating func blank() {
            if bytes[index] == 0x0A { result.append(0x0A) }
            index += 1
        }

        mutating func skipBlockComment() {
            var depth = 0
            repeat {
                if starts("/*") { depth += 1 } else if starts("*/") { depth -= 1 }
                blank()
            } while index < bytes.count && depth > 0
            if index < bytes.count { index += 1 }
        }

        mutating func skipString() {
            let hashes = String(repeating: "#", count: bytes[index...].prefix { $0 == 0x23 }.count)
            index += hashes.utf8.count
            guard index < bytes.count, bytes[index] == 0x22 else {
                result += Array(hashes.utf8)  // #filePath, #expect
                return
            }
            let quote = starts("\"\"\"") ? "\"\"\"" : "\""
            result += Array("\"".utf8)
            index += quote.utf8.count
            while index < bytes.count, !starts(quote + hashes) {
                if starts("\\\(hashes)") {
                    index += 1 + hashes.utf8.count
                    guard index < bytes.count else { return }
                }
                blank()
            }
            index = min(index + quote.utf8.count + hashes.utf8.count, bytes.count)
            result += Array("\"".utf8)
        }
    }
}
