internal import Ecosystems

/// A range as the dependencies of charts have it: `^1.2`, `~1.2.3`, `>=1.0 <2`, `1.x`, `1 - 2 || 3`.
///
/// Unlike a rule that refuses, a client takes a prerelease only where each bound is one itself.
/// Source: <https://helm.sh/docs/topics/charts/#the-version-field> and what it leads to.
struct VersionRange: Sendable {
    private struct Alternative: Sendable {
        let contains: @Sendable (String) -> Bool?
        let takesPrereleases: Bool
    }

    private let alternatives: [Alternative]

    init?(_ text: String) {
        var alternatives: [Alternative] = []
        for part in text.split(separator: "||", omittingEmptySubsequences: false) {
            let bounds = part.split { " ,<>=!~^".contains($0) }.filter { $0 != "-" }
            guard !bounds.isEmpty,
                let contains = SemanticVersions(isDated: false).range(String(part))
            else { return nil }
            let takesPrereleases = bounds.allSatisfy { $0.prefix { $0 != "+" }.contains("-") }
            alternatives.append(.init(contains: contains, takesPrereleases: takesPrereleases))
        }
        self.alternatives = alternatives
    }

    func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains {
            ($0.takesPrereleases || !version.isPrerelease)
                && $0.contains(version.text) == true
        }
    }
}
