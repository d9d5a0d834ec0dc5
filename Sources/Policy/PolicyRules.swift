/// All that operators decided; checked, and without the list of malware.
package struct PolicyRules: Sendable {
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        case enforce
        /// Everything is judged and told, and nothing is refused.
        case dryRun = "dry-run"
    }

    /// How old a release must be.
    package struct Age: Sendable {
        package let pattern: PackagePattern
        package let seconds: Int64

        package init(pattern: PackagePattern, seconds: Int64) {
            self.pattern = pattern
            self.seconds = seconds
        }
    }

    /// Releases that are on a list.
    package struct Listing: Sendable {
        package let pattern: PackagePattern
        package let range: VersionRange
        package let reason: String

        package init(pattern: PackagePattern, range: VersionRange, reason: String) {
            self.pattern = pattern
            self.range = range
            self.reason = reason
        }
    }

    /// Releases for which some rules do not hold, until a moment.
    package struct Exception: Sendable {
        package enum Lifted: String, Sendable, Hashable, CaseIterable {
            case age, block, malware
        }

        package let listing: Listing
        package let lifts: Set<Lifted>
        /// In seconds since 1970.
        package let endsAt: Int64?

        package init(listing: Listing, lifts: Set<Lifted>, endsAt: Int64?) {
            self.listing = listing
            self.lifts = lifts
            self.endsAt = endsAt
        }
    }

    package var mode = Mode.enforce
    package var ages: [Age] = []
    /// Nothing that was published later is there; in seconds since 1970.
    package var nothingAfter: Int64?
    package var blocked: [Listing] = []
    /// Where an ecosystem has any, only what is listed is allowed.
    package var allowed: [Listing] = []
    package var exceptions: [Exception] = []
    package var matchesMalware = true

    package init() {}

    /// Whether nothing could be refused without a list of malware.
    package var isEmpty: Bool {
        ages.allSatisfy { $0.seconds == 0 } && nothingAfter == nil && blocked.isEmpty
            && allowed.isEmpty
    }
}

/// A range with its text, which tells it from others.
package struct VersionRange: Sendable {
    package let text: String
    private let test: @Sendable (String) -> Bool?

    package init(text: String, test: @escaping @Sendable (String) -> Bool?) {
        self.text = text
        self.test = test
    }

    /// All versions, those that are none included.
    package static let all = VersionRange(text: "*") { _ in true }

    /// Whether it is all versions, so that one need not be known.
    package var isAll: Bool { text == "*" }

    /// Nil when the version cannot be compared with the range.
    package func covers(_ version: String) -> Bool? { isAll ? true : test(version) }
}
