/// Whether a new index may replace a good one unasked.
///
/// What does not parse, has no `apiVersion` or is an HTML page never gets this far: it is a fault.
package enum ShrinkGuard {
    /// Whether an index of `new` entries looks like an accident: less than half of the `old` ones.
    ///
    /// Without an index that is served now there is nothing to lose.
    package static func isSuspicious(old: Int?, new: Int) -> Bool {
        guard let old, old > 0 else { return false }
        return new < old - new
    }
}
