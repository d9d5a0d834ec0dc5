/// What becomes of a held document that the upstream now answers with 404 or 410.
///
/// An old project stays installable from what is stored (the left-pad case); a young one is
/// refused (takedowns of malware look exactly like this). Source: section 5.6 of the reliability
/// study.
package struct WithdrawalRule: Sendable, Hashable {
    package enum Verdict: Sendable, Hashable {
        /// Serve what is stored, marked as withdrawn.
        case keep
        /// Answer as if it were absent.
        case refuse
    }

    /// A project whose first file was at least this old when it vanished is kept, in seconds.
    package let keptAgeSeconds: Int64

    package init(keptAgeSeconds: Int64 = 30 * 86_400) {
        self.keptAgeSeconds = keptAgeSeconds
    }

    /// Judges by the earliest publication that is known, else by when it was first stored here.
    package func verdict(
        earliestPublication: Int64?, storedAt: Int64, withdrawnAt: Int64
    ) -> Verdict {
        withdrawnAt - (earliestPublication ?? storedAt) >= keptAgeSeconds ? .keep : .refuse
    }
}
