internal import Ecosystems
internal import Policy

/// The policy for all releases that one document speaks of: rules of one edition, and their tag.
struct DocumentScreen: Sendable {
    /// Part of the key of renderings: other rules are other renderings.
    let tag: String
    private let rules: @Sendable (Release) -> PackageRules?

    /// For a document of one package; nil where nothing is to be left out.
    init?(of package: String, _ ecosystem: String, by edition: PolicyEdition) {
        guard let rules = edition.rules(for: package, of: ecosystem), !rules.isDryRun else {
            return nil
        }
        tag = rules.tag
        self.rules = { _ in rules }
    }

    /// For a document of many packages; nil where nothing is to be left out.
    init?(ofAll ecosystem: String, by edition: PolicyEdition) {
        guard edition.mode == .enforce, let tag = edition.tag(ofAll: ecosystem) else { return nil }
        self.tag = tag
        rules = { edition.rules(for: $0.package, of: ecosystem) }
    }

    /// What a screening found beside the document.
    struct Findings {
        /// When the next release may become visible or hidden, in seconds since 1970.
        var changesAt: Int64?
        /// Why the first hidden one is, for a document of which nothing is left.
        var refusal: PolicyRefusal?

        mutating func note(_ ruling: PolicyRuling) {
            if let at = ruling.changesAt { changesAt = min(changesAt ?? at, at) }
            if refusal == nil { refusal = ruling.verdict.refusal }
        }
    }

    func ruling(on release: Release, at now: Int64) -> PolicyRuling {
        rules(release)?.ruling(
            on: KnownRelease(version: release.version, publishedAt: release.publishedAt), at: now)
            ?? .allowed
    }
}

extension PolicyRuling {
    /// What becomes of a release in a document.
    var forDocuments: ReleaseVerdict {
        guard let refusal = verdict.refusal else { return .shown }
        return refusal.isListed ? .marked(refusal.sentence) : .hidden
    }
}
