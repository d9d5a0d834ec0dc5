/// What is known of a release when the policy is asked.
package struct KnownRelease: Sendable, Hashable {
    /// Nil where neither a document nor the file's name says it: then no rule about versions can
    /// be answered, and all of them refuse.
    package let version: String?
    /// When it was published, in seconds since 1970, as its document says.
    package let publishedAt: Int64?
    /// Since when it has been here, in seconds since 1970: it was published before that.
    ///
    /// Only asked where no document speaks of the file any more.
    package let heldSince: Int64?

    package init(version: String?, publishedAt: Int64?, heldSince: Int64? = nil) {
        self.version = version
        self.publishedAt = publishedAt
        self.heldSince = heldSince
    }
}

/// The dates that are believed.
package enum ReleaseDate {
    /// How far a registry's clock may be ahead of ours, in seconds.
    static let skew: Int64 = 300
    /// 1990-01-01: no registry is older, and what is missing often looks like 1970.
    static let earliest: Int64 = 631_152_000

    /// A date that can be true at `now`; nil for one that cannot.
    static func plausible(_ date: Int64?, at now: Int64) -> Int64? {
        guard let date, date >= earliest, date <= now + skew else { return nil }
        return date
    }
}
