/// What the policy says of one answer.
package enum PolicyVerdict: Sendable, Hashable {
    case allowed
    case refused(PolicyRefusal)

    package var refusal: PolicyRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}

/// Why the policy refuses a release; in words for the client.
package struct PolicyRefusal: Sendable, Hashable {
    /// The kind of rule, as metrics and the audit log name it.
    package enum Rule: String, Sendable, Hashable, CaseIterable {
        case malware, blocked
        case notAllowed = "not-allowed"
        case tooLate = "nothing-after"
        case tooYoung = "minimum-age"
        case undated
    }

    package let rule: Rule
    /// One clause without the package's name: `published less than 7d ago`.
    package let reason: String

    package init(_ rule: Rule, _ reason: String) {
        self.rule = rule
        self.reason = reason
    }

    /// What is refused because nobody asked: a serving path that forgot to.
    package static let unasked = PolicyRefusal(.undated, "the policy was not asked")

    package var sentence: String { "refused by policy (\(rule.rawValue)): \(reason)" }

    /// Whether an index should go on to list it, marked: who asks for just that version then learns
    /// why, and nobody else gets it.
    ///
    /// What is only too young is left out: it comes by itself.
    package var isListed: Bool {
        switch rule {
        case .malware, .blocked, .notAllowed: true
        case .tooLate, .tooYoung, .undated: false
        }
    }
}

/// A verdict, and when it may become another one.
package struct PolicyRuling: Sendable, Hashable {
    package let verdict: PolicyVerdict
    /// In seconds since 1970; nil while only a change of the rules changes it.
    package let changesAt: Int64?

    package init(_ verdict: PolicyVerdict, changesAt: Int64? = nil) {
        self.verdict = verdict
        self.changesAt = changesAt
    }

    package static let allowed = PolicyRuling(.allowed)
}
