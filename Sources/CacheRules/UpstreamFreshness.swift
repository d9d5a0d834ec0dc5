package import HTTPModel

/// How long a shared cache may use a response without asking, by the response's own fields
/// (RFC 9111 section 4.2).
///
/// For documents that are passed on as they came; registries' documents have ``FreshnessRule``.
package enum UpstreamFreshness {
    /// What is read of a response, beside Cache-Control and Last-Modified; lower case.
    package static let fields = ["age", "date", "expires", "vary"]
    /// The longest lifetime that is guessed from Last-Modified, in seconds.
    private static let longestGuess: Int64 = 86_400

    /// The lifetime that is left of a response that came in this second, in seconds; zero or more.
    package static func remainingSeconds(_ headers: Headers, receivedAt now: Int64) -> Int64 {
        let control = CacheControl(headers["cache-control"] ?? "")
        guard !control.forbidsReuse, !varies(headers) else { return 0 }
        let lifetime =
            control.sharedMaxAgeSeconds ?? control.maxAgeSeconds
            ?? expiry(headers, now) ?? guess(headers, now)
        return max(0, lifetime - age(headers, receivedAt: now))
    }

    /// What may be done with a stale response (RFC 9111 section 4.2.4).
    package enum StaleUse: Sendable, Hashable {
        case never
        /// When the upstream cannot be asked.
        case onFailure
        /// At once, while the upstream is asked in the background.
        case whileValidating
    }

    /// What the response itself allows once it is stale.
    package static func staleUse(_ headers: Headers, bySeconds seconds: Int64) -> StaleUse {
        let control = CacheControl(headers["cache-control"] ?? "")
        // s-maxage means proxy-revalidate as well (RFC 9111 section 5.2.2.10).
        if control.forbidsReuse || control.mustRevalidate || control.sharedMaxAgeSeconds != nil {
            return .never
        }
        guard let window = control.staleWhileRevalidateSeconds, seconds < window, !varies(headers)
        else { return .onFailure }
        return .whileValidating
    }

    /// How old a response was when it came, in seconds (RFC 9111 section 4.2.3).
    ///
    /// The time that it was on its way does not count.
    package static func age(_ headers: Headers, receivedAt now: Int64) -> Int64 {
        max(0, now - origin(headers, now), declaredAge(headers) ?? 0)
    }

    /// When the origin made it, as far as it says so.
    private static func origin(_ headers: Headers, _ now: Int64) -> Int64 {
        headers["date"].flatMap { HTTPDate($0) }?.seconds ?? now
    }

    /// The first member of Age, unless it is no number (RFC 9111 section 5.1).
    private static func declaredAge(_ headers: Headers) -> Int64? {
        guard let first = headers["age"]?.split(separator: ",").first else { return nil }
        let digits = String(first).trimmingWhitespace
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return min(Int64(digits) ?? 1 << 31, 1 << 31)
    }

    /// The lifetime by Expires; a damaged one is in the past (RFC 9111 section 5.3).
    private static func expiry(_ headers: Headers, _ now: Int64) -> Int64? {
        guard let expires = headers["expires"] else { return nil }
        guard let end = HTTPDate(expires) else { return 0 }
        return max(0, end.seconds - origin(headers, now))
    }

    /// A tenth of the time since the last change (RFC 9111 section 4.2.2).
    private static func guess(_ headers: Headers, _ now: Int64) -> Int64 {
        guard let changed = headers["last-modified"].flatMap({ HTTPDate($0) }) else { return 0 }
        let unchanged = origin(headers, now) - changed.seconds
        return min(max(0, unchanged / 10), longestGuess)
    }

    /// Whether clients' fields choose the response that this cache does not look at.
    private static func varies(_ headers: Headers) -> Bool {
        guard let vary = headers["vary"] else { return false }
        return vary.split(separator: ",").contains { member in
            let name = String(String(member).trimmingWhitespace).asciiLowercased
            return !name.isEmpty && name != "accept-encoding"
        }
    }
}
