import Ecosystems
import Policy
import PyPI

/// Rules, as the text of a policy file has them.
enum Sample {
    static let schemes: [String: any VersionScheme] = [
        "pypi": PythonVersions(), "npm": SemanticVersions(isDated: true),
        "helm": SemanticVersions(isDated: false),
    ]

    static func rules(_ text: String) throws(PolicyError) -> PolicyRules {
        var rules = PolicyRules()
        try PolicyFile.read(Array(text.utf8), name: "policy.yaml", schemes: schemes, into: &rules)
        return rules
    }

    static func book(_ text: String, feed: MalwareFeed? = nil) throws(PolicyError) -> PolicyBook {
        let book = PolicyBook(schemes: schemes, rules: try rules(text))
        if let feed { book.adopt(feed, revision: 1) }
        return book
    }

    static func date(_ text: String) -> Int64 { PolicyTime.date(text) ?? 0 }
}
