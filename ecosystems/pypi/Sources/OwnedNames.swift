/// Names that another index owns: this one does not answer for them and does not ask for them.
///
/// So that nobody gets a public project by the name of a private one (dependency confusion).
package struct OwnedNames: Sendable, Hashable {
    private struct Pattern: Sendable, Hashable {
        /// In normal form; the whole name, or how it begins.
        let text: String
        let isPrefix: Bool
        let owner: String

        func covers(_ name: String) -> Bool {
            isPrefix ? name.hasPrefix(text) : name == text
        }
    }

    private var patterns: [Pattern] = []

    package init() {}

    /// Adds the names that the index `owner` owns: each a project's name, or a beginning with `*`.
    ///
    /// Spelling does not matter: `Acme_Tools` and `acme-tools` are one name.
    package mutating func add(_ names: [String], of owner: String) {
        for name in names {
            let isPrefix = name.hasSuffix("*")
            let text = ProjectName.normalized(Array(name.utf8).dropLast(isPrefix ? 1 : 0))
            patterns.append(Pattern(text: text, isPrefix: isPrefix, owner: owner))
        }
    }

    /// The index that owns a name in normal form.
    func owner(of name: String) -> String? {
        patterns.first { $0.covers(name) }?.owner
    }
}
