package import Ecosystems
internal import Synchronization

/// The edition of the policy that holds now, for all threads; taking a new one is one step.
package final class PolicyBook: Sendable {
    package let schemes: [String: any VersionScheme]
    private let current: Mutex<PolicyEdition>
    private let isSet: Atomic<Bool>

    package init(
        schemes: [String: any VersionScheme] = [:], rules: PolicyRules = PolicyRules()
    ) {
        self.schemes = schemes
        let first = PolicyEdition(rules, PolicyEdition.Feed(), schemes: schemes)
        current = Mutex(first)
        isSet = Atomic(first.isActive)
    }

    /// Whether any rule could refuse anything; all that the hit path pays where none could.
    package var isActive: Bool { isSet.load(ordering: .relaxed) }

    /// What holds now; whoever asks several things that must go together takes it once.
    package var edition: PolicyEdition { current.withLock { $0 } }

    /// Puts other rules in the place of those that hold; the list of malware stays.
    package func adopt(_ rules: PolicyRules) {
        replace { PolicyEdition(rules, $0.feed, schemes: schemes) }
    }

    /// Puts another list of malware in the place of the one that holds.
    package func adopt(_ feed: MalwareFeed, revision: Int64) {
        let feed = PolicyEdition.Feed(
            revision: revision, count: feed.count, records: feed.byPackage,
            ecosystems: feed.ecosystems)
        replace { PolicyEdition($0.rules, feed, schemes: schemes) }
    }

    private func replace(_ next: (PolicyEdition) -> PolicyEdition) {
        current.withLock { current in
            current = next(current)
            isSet.store(current.isActive, ordering: .releasing)
        }
    }

    package var feedRevision: Int64 { edition.feed.revision }

    /// How many records of malware are known.
    package var feedCount: Int { edition.feed.count }

    /// See ``PolicyEdition/rules(for:of:)``.
    package func rules(for package: String?, of ecosystem: String) -> PackageRules? {
        guard isActive else { return nil }
        return edition.rules(for: package, of: ecosystem)
    }
}
