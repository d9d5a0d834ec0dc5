import Digests

/// The model: what was published, what is stored, what is pinned, and so what may be answered.
///
/// It knows what a user may count on, and nothing of how the engine does it.
struct Promises: Sendable {
    private(set) var violations: [String] = []
    /// How often each promise was put to the test.
    var tally = Tally()
    var beliefs: [String: Belief] = [:]
    var upstreams: [String: UpstreamBelief] = [:]
    /// Whose bytes have a digest.
    private var names: [BlobDigest: Set<String>] = [:]
    /// Counts faults of stores and ends of lives.
    var storeEpoch = 0
    /// Whether a store is out of order, or a fetch may be under way that began meanwhile.
    private(set) var isDirty = false
    /// Whether pins could not be read all the time, or not be written: a file is served all the same.
    var areReadsDirty = false
    var areWritesDirty = false
    /// Whether anything gave the engine a reason to remove what is stored.
    var mayRemove = false
    /// For how long a document may be served unasked, in seconds.
    var lifetime: UInt64 = 0
    /// Whether projects are old enough to be kept when they vanish upstream.
    var areOld = false

    /// The budget of a request for what is held, in nanoseconds.
    static let budget = 2 * ManualTime.second
    /// After this time nothing is left of what was wrong: no retry, no remembered 404, no drip.
    static let calmSeconds: UInt64 = 90

    struct Tally: Sendable, Hashable {
        var storedCount = 0
        var offeredCount = 0
        var outageCount = 0
        var validatedCount = 0
        var pinnedCount = 0
        var serialCount = 0

        static func += (left: inout Tally, right: Tally) {
            left.storedCount += right.storedCount
            left.offeredCount += right.offeredCount
            left.outageCount += right.outageCount
            left.validatedCount += right.validatedCount
            left.pinnedCount += right.pinnedCount
            left.serialCount += right.serialCount
        }

        /// The promise that was tested least often.
        var least: Int {
            [
                storedCount, offeredCount, outageCount, validatedCount, pinnedCount, serialCount,
            ].min() ?? 0
        }
    }

    mutating func blame(_ sentence: String) {
        violations.append(sentence)
    }

    /// The name of what a key is about; nil for a rendering.
    static func name(ofKey text: String) -> String? {
        let parts = text.split(separator: " ")
        guard parts.count == 4, parts[0] != "r" else { return nil }
        let label = parts[2].dropFirst("https://".utf8.count).prefix { $0 != "." }
        return "\(label)/\(parts[3])"
    }

    /// The document that names a file.
    static func document(of file: String) -> String {
        file.split(separator: "/").prefix(2).joined(separator: "/")
    }

    static func label(of name: String) -> String {
        String(name.prefix { $0 != "/" })
    }

    // MARK: What happens

    /// A store is out of order from now on, or otherwise than before.
    mutating func faultsChange(to faults: StoreFaults) {
        isDirty = true
        areReadsDirty = areReadsDirty || faults.isDatabaseBroken
        // What cannot be staged is relayed, and no pin is written for it.
        areWritesDirty = true
        mayRemove = true
        storeEpoch += 1
        for (name, belief) in beliefs where belief.transferCount > 0 || belief.isUnsettled {
            taint(name)
        }
    }

    private mutating func taint(_ name: String) {
        beliefs[name]?.isTainted = true
        beliefs[name]?.lose()
    }

    /// The engine does nothing; `isWell` when no store is out of order.
    mutating func idle(isWell: Bool, at now: UInt64) {
        if isWell, isDirty {
            isDirty = false
            areReadsDirty = false
            areWritesDirty = false
            for label in upstreams.keys { upstreams[label]?.disturbedAt = now }
        }
        for name in beliefs.keys {
            guard var belief = beliefs[name] else { continue }
            if belief.isServed, !belief.isTainted { belief.isHeld = true }
            belief.isServed = false
            belief.isUnsettled = false
            if belief.hasReturned { belief.isSaidAbsent = false }
            belief.hasReturned = false
            if belief.wasReread { belief.isByOldRules = false }
            belief.wasReread = false
            beliefs[name] = belief
        }
    }

    /// A life is about to end: what was under way may be lost.
    mutating func lifeIsCut() {
        for name in beliefs.keys {
            beliefs[name]?.isServed = false
            beliefs[name]?.hasReturned = false
            beliefs[name]?.wasReread = false
        }
    }

    /// A life has ended.
    mutating func lifeEnds() {
        storeEpoch += 1
        for label in upstreams.keys {
            upstreams[label]?.isDown = false
            upstreams[label]?.mayBeDown = false
            upstreams[label]?.epoch += 1
            upstreams[label]?.isCut = false
        }
        for name in beliefs.keys {
            beliefs[name]?.isDelivered = false
            beliefs[name]?.transferCount = 0
        }
    }

    /// Configuration changes: what other rules said of a document's age counts for nothing.
    mutating func policyChanges() {
        for name in beliefs.keys {
            beliefs[name]?.serial = 0
            beliefs[name]?.isByOldRules = true
        }
    }

    /// The engine removes a row.
    mutating func removed(_ key: String) {
        guard let name = Self.name(ofKey: key) else { return }
        if !mayRemove { blame("\(name) was removed, and nobody asked for that") }
        lose(name)
    }

    /// The engine deletes a body; those of documents go when another version has come.
    mutating func deleted(_ body: BlobDigest) {
        for name in names[body] ?? [] where mayRemove || Self.document(of: name) != name {
            if !mayRemove, beliefs[name]?.isHeld == true {
                blame("the bytes of \(name) were deleted, and nobody asked for that")
            }
            lose(name)
        }
    }

    mutating func publish(_ bytes: [UInt8], as name: String) {
        beliefs[name, default: Belief()].published.insert(bytes)
        names[BlobDigest.of(bytes), default: []].insert(name)
    }

    mutating func lose(_ name: String) {
        beliefs[name]?.lose()
        beliefs[name]?.serial = 0
    }

    mutating func disturb(_ label: String, at now: UInt64) {
        upstreams[label]?.disturbedAt = now
    }

    mutating func takesOver(_ labels: [String]) {
        for label in labels { upstreams[label]?.isTakenOver = true }
    }

    mutating func changes(_ label: String, isUp: Bool) {
        guard var upstream = upstreams[label] else { return }
        // Told once: when a life takes an outage over, or when its own breaker opens. In an outage
        // that was taken over the breaker opens without a word.
        let isOwn = isUp || !upstream.isTakenOver
        upstream.isTakenOver = false
        upstream.isDown = !isUp && isOwn
        upstream.mayBeDown = !isUp && !isOwn
        upstream.epoch += 1
        upstreams[label] = upstream
    }

    // MARK: What the upstream sees

    /// The upstream is asked.
    mutating func asks(_ name: String, isFile: Bool, isRest: Bool, at now: UInt64) {
        let label = Self.label(of: name)
        if upstreams[label]?.isCut == true { blame("\(label) was asked in a drill") }
        beliefs[name]?.lastContact = now
        beliefs[name]?.isUnsettled = true
        if isDirty { taint(name) }
        guard let belief = beliefs[name], !belief.isTainted else {
            beliefs[name]?.transferCount += 1
            return
        }
        if belief.transferCount > 0 { blame("\(name) was transferred twice at once") }
        if isFile, belief.published.count == 1, belief.isHeld || belief.isDelivered {
            blame("\(name) was transferred again, though it was stored")
        }
        beliefs[name]?.transferCount += 1
    }

    /// A transfer is over.
    mutating func transferEnds(_ name: String, at now: UInt64) {
        beliefs[name]?.lastContact = now
        beliefs[name]?.transferCount -= 1
    }

    /// The right bytes of a file reached the engine whole.
    mutating func delivered(_ name: String) {
        guard !isDirty, let belief = beliefs[name], !belief.isTainted else { return }
        beliefs[name]?.isDelivered = true
    }

    /// The upstream says that there is no such document.
    mutating func saysAbsent(_ name: String) {
        guard var belief = beliefs[name] else { return }
        belief.isSaidAbsent = true
        belief.hasReturned = false
        if !areOld || belief.isTainted {
            belief.epoch += 1
            belief.serial = 0
        }
        beliefs[name] = belief
    }

    mutating func saysPresent(_ name: String, isTakedown: Bool) {
        guard var belief = beliefs[name] else { return }
        belief.hasReturned = belief.isSaidAbsent
        belief.wasReread = belief.isByOldRules
        if isTakedown { belief.wasTakenDown = true }
        beliefs[name] = belief
    }
}
