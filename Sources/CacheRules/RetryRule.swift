/// When a failed fetch is tried again: bounded tries, growing pauses with jitter.
package struct RetryRule: Sendable, Hashable {
    /// The most tries in all, the first one included.
    package let tries: Int
    /// The pause before the second try, in milliseconds; doubled for each further one.
    package let firstPauseMilliseconds: Int
    /// No pause is longer, whatever Retry-After says.
    package let longestPauseMilliseconds: Int

    package init(
        tries: Int = 3, firstPauseMilliseconds: Int = 200, longestPauseMilliseconds: Int = 5_000
    ) {
        precondition(tries >= 1)
        self.tries = tries
        self.firstPauseMilliseconds = firstPauseMilliseconds
        self.longestPauseMilliseconds = longestPauseMilliseconds
    }

    /// The pause before the next try, or nil when there is none.
    ///
    /// - Parameters:
    ///   - failed: How many tries have failed; 1 or more.
    ///   - retryAfterSeconds: What the upstream asked for. Longer than the longest pause: no try.
    ///   - jitter: 0 to 999, equally likely; the pause is between half and the whole of its base.
    /// - Returns: Milliseconds.
    package func pause(afterFailures failed: Int, retryAfterSeconds: Int?, jitter: Int) -> Int? {
        guard failed < tries else { return nil }
        if let retryAfterSeconds {
            let asked = retryAfterSeconds * 1_000
            return asked <= longestPauseMilliseconds ? max(asked, firstPauseMilliseconds) : nil
        }
        let base = min(firstPauseMilliseconds << min(failed - 1, 10), longestPauseMilliseconds)
        return base / 2 + base * jitter / 2_000
    }

    /// Reads Retry-After in whole seconds (RFC 9110 section 10.2.3); a date is not used.
    package static func seconds(retryAfter: String?) -> Int? {
        guard let retryAfter, retryAfter.utf8.count <= 9, !retryAfter.isEmpty,
            retryAfter.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(retryAfter)
    }
}
