/// Whether a stored response may be used without asking (RFC 9111 section 4.2).
package enum Freshness: Sendable, Hashable {
    case fresh(remainingSeconds: Int64)
    /// From the very second in which the age equals the lifetime.
    case stale(bySeconds: Int64)
}

/// How long a document counts as fresh: a rule of our own, not RFC 9111's heuristics.
///
/// `min(ceiling, what upstream says)`, and never under the floor. The upstream's Age is not looked
/// at: a registry's CDN holds pages for a day and purges them, so that Age is above max-age in
/// normal operation. Where the upstream forbids reuse or says nothing, the ceiling holds.
package struct FreshnessRule: Sendable, Hashable {
    /// The longest lifetime, in seconds; zero or more.
    package let ceilingSeconds: Int64
    /// The shortest lifetime, in seconds, unless the ceiling is shorter.
    package let floorSeconds: Int64

    package init(ceilingSeconds: Int64, floorSeconds: Int64 = 10) {
        precondition(ceilingSeconds >= 0 && floorSeconds >= 0)
        self.ceilingSeconds = ceilingSeconds
        self.floorSeconds = min(floorSeconds, ceilingSeconds)
    }

    /// The lifetime in whole seconds of a document that came with this Cache-Control.
    package func lifetimeSeconds(_ control: CacheControl) -> Int64 {
        guard !control.forbidsReuse,
            let declared = control.sharedMaxAgeSeconds ?? control.maxAgeSeconds
        else { return ceilingSeconds }
        return min(ceilingSeconds, max(floorSeconds, declared))
    }

    /// Judges a response of this age.
    ///
    /// A response from the future was stored under a wrong clock: it is stale, or it would stay fresh
    /// until that time.
    package static func freshness(
        validatedAt: Int64, lifetimeSeconds: Int64, now: Int64
    ) -> Freshness {
        guard validatedAt <= now else { return .stale(bySeconds: 0) }
        let age = now - validatedAt
        let lifetime = max(0, lifetimeSeconds)
        return age < lifetime
            ? .fresh(remainingSeconds: lifetime - age) : .stale(bySeconds: age - lifetime)
    }
}
