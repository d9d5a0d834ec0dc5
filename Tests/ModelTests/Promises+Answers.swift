import HTTPModel

extension Promises {
    // MARK: What a request may count on

    func expectation(
        _ name: String, isFile: Bool, isOffered: Bool, at now: UInt64
    ) -> Expectation {
        guard let belief = beliefs[name], let upstream = upstreams[Self.label(of: name)] else {
            return Expectation()
        }
        let calmSince = upstream.disturbedAt + Self.calmSeconds * ManualTime.second
        let isSound = isSound(name, isFile: isFile)
        return Expectation(
            isHeld: belief.isHeld && isSound, epoch: epoch(of: name), storeEpoch: storeEpoch,
            upstreamEpoch: upstream.epoch, startedAt: now, serial: belief.serial,
            isDown: upstream.isDown,
            isCalm: isSound && isOffered && upstream.isGood && !upstream.isCut && !isDirty
                && now >= calmSince,
            disturbedAt: upstream.disturbedAt)
    }

    /// Whether nothing upstream gives the engine a reason to refuse it.
    private func isSound(_ name: String, isFile: Bool) -> Bool {
        guard let belief = beliefs[name], let page = beliefs[Self.document(of: name)] else {
            return false
        }
        if page.isSaidAbsent, !areOld || page.isTainted { return false }
        guard isFile else { return true }
        return belief.published.count == 1 && !page.wasTakenDown && !page.hasShrunk
    }

    private func epoch(of name: String) -> Int {
        let page = Self.document(of: name)
        let own = beliefs[name]?.epoch ?? 0
        return page == name ? own : own + (beliefs[page]?.epoch ?? 0) * 1_000
    }

    // MARK: What a request got

    mutating func judge(_ outcome: Outcome, _ expected: Expectation) {
        judgeBytes(outcome)
        guard !isDirty, expected.storeEpoch == storeEpoch else { return }
        let label = Self.label(of: outcome.name)
        guard let upstream = upstreams[label] else { return }
        let isGood = [200, 206, 304, 416].contains(outcome.status) && !outcome.isBroken
        let isSame = expected.epoch == epoch(of: outcome.name)
        if expected.isHeld, isSame, isSound(outcome.name, isFile: outcome.isFile) {
            tally.storedCount += 1
            if !isGood { blame("\(outcome.name) is stored and was answered \(outcome.status)") }
            judgeTime(outcome, expected, upstream)
        }
        if expected.isCalm, expected.disturbedAt == upstream.disturbedAt, isSame,
            isSound(outcome.name, isFile: outcome.isFile)
        {
            tally.offeredCount += 1
            if !isGood { blame("\(outcome.name) is offered and was answered \(outcome.status)") }
            if outcome.endedAt != expected.startedAt {
                blame("\(outcome.name) is offered and took time")
            }
        }
        judgeSerial(outcome, expected, isSame: isSame)
        guard isGood, outcome.status == 200, outcome.body != nil, isSame else { return }
        if outcome.isFile, beliefs[outcome.name]?.published.count != 1 { return }
        beliefs[outcome.name]?.isServed = true
    }

    /// No complete answer has bytes that the upstream did not publish, or other ones than before.
    private mutating func judgeBytes(_ outcome: Outcome) {
        guard let body = outcome.body, [200, 206].contains(outcome.status),
            let belief = beliefs[outcome.name]
        else { return }
        let name = outcome.name
        guard outcome.isFile else {
            // Our own first line stands before what the upstream said.
            let document = body.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
            if !belief.published.contains(Array(document)) {
                blame("\(name) was served with bytes that nobody published")
            }
            return
        }
        if !belief.published.contains(where: { Self.matches(body, $0, outcome.range) }) {
            blame("\(name) was served with bytes that nobody published")
        }
        guard !areReadsDirty else { return }
        if let pin = belief.pin {
            tally.pinnedCount += 1
            if !Self.matches(body, pin, outcome.range) {
                blame("\(name) was served with other bytes than before")
            }
        } else if outcome.range == nil, !areWritesDirty {
            beliefs[name]?.pin = body
        }
    }

    private static func matches(_ body: [UInt8], _ whole: [UInt8], _ range: String?) -> Bool {
        guard let range else { return body == whole }
        let words = range.split { " -/".contains($0) }
        guard words.count == 4, let first = Int(words[1]), let last = Int(words[2]),
            whole.count == Int(words[3]), last < whole.count, first <= last
        else { return false }
        return body.elementsEqual(whole[first...last])
    }

    private mutating func judgeTime(
        _ outcome: Outcome, _ expected: Expectation, _ upstream: UpstreamBelief
    ) {
        let name = outcome.name
        let elapsed = outcome.endedAt - expected.startedAt
        guard !outcome.isFile else {
            if elapsed > 0 { blame("\(name) is stored and took time") }
            return
        }
        if elapsed > Self.budget { blame("\(name) is stored and took longer than the budget") }
        guard expected.upstreamEpoch == upstream.epoch else { return }
        if expected.isDown {
            tally.outageCount += 1
            if elapsed > 0 { blame("\(name) is stored and took time in an outage") }
            return
        }
        guard !upstream.isDown, !upstream.mayBeDown, !upstream.isCut, let belief = beliefs[name],
            let contact = belief.lastContact, belief.transferCount == 0
        else { return }
        let limit = (max(lifetime, 5) + 1) * ManualTime.second
        tally.validatedCount += 1
        if contact + limit <= expected.startedAt {
            blame("\(name) was served stale, and nobody asked the upstream")
        }
    }

    /// No document goes back.
    private mutating func judgeSerial(
        _ outcome: Outcome, _ expected: Expectation, isSame: Bool
    ) {
        guard !outcome.isFile, outcome.status == 200, let body = outcome.body, isSame,
            let belief = beliefs[outcome.name], !belief.isTainted, !belief.isByOldRules
        else { return }
        let words = body.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
            .prefix { $0 != UInt8(ascii: "\n") }.split(separator: UInt8(ascii: " "))
        guard words.count >= 2, let serial = Int64(String(decoding: words[1], as: UTF8.self))
        else { return }
        // A takedown is always taken, also from a node that lags behind.
        guard !words.contains(where: { $0.elementsEqual("takedown".utf8) }) else { return }
        tally.serialCount += 1
        if serial < expected.serial { blame("\(outcome.name) went back") }
        // Cleared since by an acceptance: the older one may come now.
        guard belief.serial >= expected.serial else { return }
        beliefs[outcome.name]?.serial = max(belief.serial, serial)
    }
}
