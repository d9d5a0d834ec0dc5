internal import Digests
internal import Ecosystems
internal import Synchronization

/// The rules and the list of malware from one change to the next: what was taken once stays as it is,
/// so that whatever is asked of it later goes together.
package final class PolicyEdition: Sendable {
    private struct Found {
        /// What was found for packages; nil inside where nothing concerns one.
        var packages: [String: PackageRules?] = [:]
        /// Of ecosystems; nil inside where nothing concerns one.
        var tags: [String: String?] = [:]
    }

    /// How many packages' rules are kept ready.
    private static let packageLimit = 65_536

    /// Whether any rule could refuse anything.
    package let isActive: Bool
    let feed: Feed
    let rules: PolicyRules
    private let schemes: [String: any VersionScheme]
    private let found = Mutex(Found())

    /// A list of malware, ready to be asked.
    struct Feed: Sendable {
        /// The change of the stored list that brought it; 0 before the first.
        var revision: Int64 = 0
        var count = 0
        var records: [String: [MalwareRecord]] = [:]
        /// Those that it has records of.
        var ecosystems: Set<String> = []
    }

    init(_ rules: PolicyRules, _ feed: Feed, schemes: [String: any VersionScheme]) {
        self.rules = rules
        self.feed = feed
        self.schemes = schemes
        isActive = !rules.isEmpty || rules.matchesMalware && !feed.records.isEmpty
    }

    package var mode: PolicyRules.Mode { rules.mode }

    /// The rules for one package, by its canonical name; nil when none concerns it.
    ///
    /// Where the name is not known, whatever refuses any package refuses it. A dictionary look-up, but
    /// for the first time.
    package func rules(for package: String?, of ecosystem: String) -> PackageRules? {
        guard isActive, let scheme = schemes[ecosystem] else { return nil }
        let key = MalwareFeed.key(ecosystem, package ?? "")
        return found.withLock { found in
            if let known = found.packages[key] { return known }
            if found.packages.count >= Self.packageLimit { found.packages.removeAll() }
            let rules = PackageRules(
                package, of: ecosystem, rules, malware: feed.records[key] ?? [], scheme: scheme)
            found.packages[key] = .some(rules)
            return rules
        }
    }

    /// What changes whenever a rule does that concerns any package of an ecosystem; nil when none
    /// can.
    package func tag(ofAll ecosystem: String) -> String? {
        guard isActive, let scheme = schemes[ecosystem] else { return nil }
        return found.withLock { found in
            if let known = found.tags[ecosystem] { return known }
            let own = rules.concerning(ecosystem, isDated: scheme.isDated)
            let isListed = rules.matchesMalware && feed.ecosystems.contains(ecosystem)
            var tag: String?
            if isListed || !own.isEmpty {
                let text = "\(own.text)\n\(isListed ? feed.revision : 0)"
                tag = String(BlobDigest.of(Array(text.utf8)).hex.prefix(16))
            }
            found.tags[ecosystem] = .some(tag)
            return tag
        }
    }
}

extension PolicyRules {
    /// Only what could concern a package of one ecosystem.
    fileprivate func concerning(_ ecosystem: String, isDated: Bool) -> PolicyRules {
        func concerns(_ pattern: PackagePattern) -> Bool {
            pattern.ecosystem ?? ecosystem == ecosystem
        }
        var own = self
        own.ages = isDated ? ages.filter { concerns($0.pattern) } : []
        own.nothingAfter = isDated ? nothingAfter : nil
        own.blocked = blocked.filter { concerns($0.pattern) }
        own.allowed = allowed.filter { concerns($0.pattern) }
        own.exceptions = exceptions.filter { concerns($0.listing.pattern) }
        return own
    }

    /// Two sets of rules that decide differently have different texts.
    fileprivate var text: String {
        let lists = [blocked, allowed, exceptions.map(\.listing)].map { list in
            list.map { "\($0.pattern) \($0.range.text) \($0.reason)" }.joined(separator: "\n")
        }
        let ends = exceptions.map {
            "\($0.endsAt ?? 0) \($0.lifts.map(\.rawValue).sorted())"
        }
        return
            ([mode.rawValue, "\(ages)", "\(nothingAfter ?? 0)", "\(matchesMalware)"] + lists
            + ends).joined(separator: "\n\n")
    }
}
