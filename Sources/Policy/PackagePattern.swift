package import Ecosystems

/// Packages by name: one, or all whose names begin alike.
package struct PackagePattern: Sendable, Hashable {
    /// Nil for all ecosystems.
    package let ecosystem: String?
    /// In canonical spelling; the whole name, or how it begins.
    package let text: String
    package let isPrefix: Bool

    /// `npm:@acme/*`, `pypi:requests`, `helm:*`; the ecosystems are those that have a scheme.
    package init?(_ source: String, _ schemes: [String: any VersionScheme]) {
        let parts = source.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.first == "*" else { return nil }
        guard parts.count == 2 else {
            (ecosystem, text, isPrefix) = (nil, "", true)
            return
        }
        guard let scheme = schemes[String(parts[0])] else { return nil }
        let name = scheme.canonical(package: String(parts[1]))
        guard !name.isEmpty, !name.dropLast().contains("*"), !name.contains(" ") else { return nil }
        ecosystem = String(parts[0])
        isPrefix = name.hasSuffix("*")
        text = isPrefix ? String(name.dropLast()) : name
    }

    package func covers(_ package: String, of ecosystem: String) -> Bool {
        if let own = self.ecosystem, own != ecosystem { return false }
        return isPrefix ? package.hasPrefix(text) : package == text
    }

    /// The more it says, the more it weighs: a whole name, a longer beginning, an ecosystem.
    var weight: Int {
        (isPrefix ? 0 : 1 << 20) + text.utf8.count + (ecosystem == nil ? 0 : 1)
    }
}
