/// What the model knows of one document or file, by its name: `a/p0` or `a/p0/f1`.
struct Belief: Sendable {
    /// All bytes that the upstream really published under this name.
    var published: Set<[UInt8]> = []
    /// Whether it was served whole and is stored since: it must be served again.
    var isHeld = false
    /// Served whole in good order; stored once the engine is idle.
    var isServed = false
    /// Counts what ends an expectation: removal, loss, withdrawal, takedown.
    var epoch = 0
    /// Whether it was fetched while a store was out of order, so that it may be stored in part.
    var isTainted = false
    /// Whether it was fetched since the engine was idle last, so that its row may not be written.
    var isUnsettled = false
    /// When the upstream was in contact about it last.
    var lastContact: UInt64?
    /// Transfers under way.
    var transferCount = 0

    // MARK: Documents

    /// An older version must not be served.
    var serial: Int64 = 0
    /// Whether the upstream said 404 and not the contrary since.
    var isSaidAbsent = false
    /// Whether the upstream gave it again after a 404, while the engine may not have stored that.
    var hasReturned = false
    /// Whether what is stored was read by rules that configuration has changed since, so that nothing
    /// keeps an older version from its place.
    var isByOldRules = false
    /// Whether the upstream gave it to the new rules, while the engine may not have stored that.
    var wasReread = false
    var wasTakenDown = false
    var hasShrunk = false

    // MARK: Files

    /// The bytes with which it was first served.
    var pin: [UInt8]?
    /// Whether the right bytes reached the engine whole, so that another transfer is one too many.
    var isDelivered = false

    /// Forgets what must be served.
    mutating func lose() {
        isHeld = false
        isServed = false
        isDelivered = false
        epoch += 1
    }
}

/// What the model knows of one upstream.
struct UpstreamBelief: Sendable {
    /// When something about it changed last, in nanoseconds of uptime.
    var disturbedAt: UInt64 = 0
    var isGood = true
    /// Whether its breaker was seen to open.
    var isDown = false
    /// Whether an outage was taken over from an earlier life, and has not been seen to end.
    var mayBeDown = false
    /// Counts what changes ``isDown``.
    var epoch = 0
    /// Taken over by a new life, whose breaker is closed.
    var isTakenOver = false
    /// Whether a drill cuts it off, as the engine knows.
    var isCut = false
}

/// What a request may count on, from what was known when it came.
struct Expectation: Sendable {
    var isHeld = false
    var epoch = 0
    var storeEpoch = 0
    var upstreamEpoch = 0
    var startedAt: UInt64 = 0
    var serial: Int64 = 0
    var isDown = false
    /// Nothing was wrong for so long that nothing of it can be left, and the upstream has it.
    var isCalm = false
    var disturbedAt: UInt64 = 0
}

/// What a request came to.
struct Outcome: Sendable {
    var name: String
    var isFile: Bool
    var status: Int
    /// A complete body; nil for HEAD, for a 304, and for one that broke off.
    var body: [UInt8]?
    /// The value of Content-Range.
    var range: String?
    var isBroken: Bool
    var endedAt: UInt64
}
