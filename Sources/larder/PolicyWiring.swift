import Configuration
import Ecosystems
import Policy
import PyPI

/// The policy, made from the settings and its file.
enum PolicyWiring {
    static let schemes: [String: any VersionScheme] = [
        "pypi": PythonVersions(), "npm": SemanticVersions(isDated: true),
        "helm": SemanticVersions(isDated: false),
    ]

    /// Reads the rules; what is wrong with them refuses all of them.
    static func rules(_ settings: Settings) throws(PolicyError) -> PolicyRules {
        let policy = settings.policy
        var rules = PolicyRules()
        rules.mode = policy.isDryRun ? .dryRun : .enforce
        rules.nothingAfter = policy.nothingAfter
        rules.matchesMalware = policy.matchesMalware
        if let all = PackagePattern("*", schemes), policy.minimumAge > 0 {
            rules.ages.append(.init(pattern: all, seconds: policy.minimumAge))
        }
        guard let file = policy.file else { return rules }
        guard let bytes = Larder.contents(of: file) else {
            throw PolicyError("policy.file: \(file) cannot be read")
        }
        try PolicyFile.read(bytes, name: file, schemes: schemes, into: &rules)
        return rules
    }

    static func book(_ settings: Settings) throws(StartFailure) -> PolicyBook {
        do throws(PolicyError) {
            return PolicyBook(schemes: schemes, rules: try rules(settings))
        } catch {
            throw StartFailure(error.description)
        }
    }
}
