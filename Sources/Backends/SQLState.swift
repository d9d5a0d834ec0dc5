/// What a database server says went wrong: five capital letters or digits (PostgreSQL's manual,
/// appendix A).
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Returns: `nil` unless it is a code of that form.
    package init?(_ text: some StringProtocol) {
        let isCode = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
        }
        guard text.utf8.count == 5, isCode else { return nil }
        description = String(text)
    }

    /// A code that the program itself names.
    package init(known code: StaticString) {
        description = "\(code)"
    }
}
