/// Whether a new index may replace a good one unasked.
///
/// What does not parse, has no `apiVersion` or is an HTML page never gets this far: it is a fault.
package enum ShrinkGuard {
    /// Whether so few entries are left that it looks like an accident: less than half.
    ///
    /// - Parameters:
    ///   - old: The entries of the index that is served now; nil when there is none.
    ///   - new: The entries of the index that would replace it.
    package static func isSuspicious(old: Int?, new: Int) -> Bool {
        guard let old, old > 0 else { return false }
        return new < old - new
    }
}
