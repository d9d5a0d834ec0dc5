internal import Backends
internal import CacheRules
internal import Ecosystems
internal import Resources

/// Whose turn it is to fetch something, among servers that share a database and blobs.
enum Turn: Sendable, Hashable {
    /// Nobody's: what was wanted is there by now.
    case stored
    /// Ours; others wait until ``PullThroughEngine/end(_:of:)``.
    case ours
    /// Everybody's: there is nobody to agree with, or no more time to wait for another.
    case free
}

/// Requests collapse across servers, too: one fetches, and the others wait for what it stores.
///
/// All of it only saves work. Where the database does not answer, where the holder of a lease is
/// slow or dead, or where what it stored cannot be had, everybody fetches.
extension PullThroughEngine {
    /// For how long no lease is asked for after they could not be had, in nanoseconds.
    private static let leaseRest: UInt64 = 5_000_000_000
    /// A database under load may be late for one lease; twice is too much for those who wait.
    private static let lateLimit = 2

    /// Gives the turn to fetch a file; another server's fetch is waited for until `end`, in
    /// nanoseconds of uptime.
    func turn(ofArtifact subject: Subject, by end: UInt64) async -> Turn {
        await turn(of: subject, by: end) {
            await self.finds(artifact: subject.key)
        }
    }

    /// Gives the turn to bring a document up to date; `held` is what is to be validated.
    ///
    /// A client waits less for a validation, and what it waits for is the upstream: neither another
    /// server nor the database takes more of its time than ``EngineRules/validationPatience``.
    func turn(
        ofDocument subject: Subject, held: StoredResponse?, for purpose: FetchPurpose,
        by end: UInt64?
    ) async -> Turn {
        guard purpose != .repair else { return .free }
        let held = latest(held, for: subject.key)
        let now = time.uptimeNanoseconds
        guard held != nil else {
            return await turn(of: subject, by: end ?? now &+ rules.fetchPatience) {
                await self.finds(document: subject, newerThan: nil)
            }
        }
        let patience = rules.validationPatience
        return await turn(of: subject.key, within: patience) {
            await self.turn(of: subject, by: now &+ patience) {
                await self.finds(document: subject, newerThan: held)
            }
        }
    }

    /// Forgets that nothing is stored under a key, where another server may store it meanwhile.
    func forgetAbsence(of key: CacheKey) {
        if stores.sharing != nil { index.forgetNothing(key) }
    }

    /// Ends a turn that was ours.
    func end(_ turn: Turn, of key: CacheKey) async {
        guard turn == .ours, let sharing = stores.sharing, let leases = sharing.leases else {
            return
        }
        leaseBook.remove(key)
        // What cannot be released ends by itself.
        try? await leases.release(key, by: sharing.holder)
    }

    /// Keeps the leases of what takes longer, until the task is cancelled.
    func renewLeases() async {
        guard let sharing = stores.sharing, let leases = sharing.leases,
            let interval = rules.leaseRenewal
        else { return }
        while !Task.isCancelled {
            await time.sleep(for: interval)
            let held = leaseBook.held
            guard !held.isEmpty else { continue }
            try? await leases.renew(held, by: sharing.holder, for: rules.leaseSeconds)
        }
    }

    /// Gives a turn that is waited for no longer than so many nanoseconds, whatever takes the time;
    /// one that comes later is given back.
    private func turn(
        of key: CacheKey, within patience: UInt64, _ take: @escaping @Sendable () async -> Turn
    ) async -> Turn {
        let awaited = AwaitedTurn()
        runner.start {
            let turn = await take()
            if !awaited.come(turn) { await self.end(turn, of: key) }
        }
        return await awaited.turn(within: .nanoseconds(Int64(clamping: patience)), time)
    }

    private func turn(
        of subject: Subject, by end: UInt64, isThere: () async -> Bool
    ) async -> Turn {
        let key = subject.key
        guard let sharing = stores.sharing, let leases = sharing.leases else { return .free }
        guard !leaseBook.isResting(at: time.uptimeNanoseconds),
            !health.isDown(subject.mount.label)
        else {
            // There is nothing to agree on, but what was absent once may be there by now.
            guard isAbsent(key), await isThere() else { return .free }
            return .stored
        }
        var lateCount = 0
        var pause = rules.leasePause
        while !Task.isCancelled {
            var isOurs = false
            do throws(StoreError) {
                isOurs = try await leases.claim(
                    key, by: sharing.holder, for: rules.leaseSeconds)
            } catch .busy where lateCount + 1 < Self.lateLimit {
                lateCount += 1
            } catch {
                leaseBook.rest(until: time.uptimeNanoseconds &+ Self.leaseRest)
                return .free
            }
            if isOurs {
                leaseBook.add(key)
                // Whoever had it before may have stored it in the meantime.
                guard await isThere() else { return .ours }
                await self.end(.ours, of: key)
                return .stored
            }
            if await isThere() { return .stored }
            guard time.uptimeNanoseconds < end else { break }
            await time.sleep(for: pause)
            pause = min(pause * 3 / 2, rules.leasePause * 4)
        }
        return .free
    }

    /// Whether nothing was stored when the database was last asked, or the upstream.
    private func isAbsent(_ key: CacheKey) -> Bool {
        switch index.find(key) {
        case .nothing, .negative: true
        case .stored, .unknown: false
        }
    }

    /// Whether a file is stored by now, and its blob can be had.
    private func finds(artifact key: CacheKey) async -> Bool {
        do throws(StoreError) {
            index.forget(key)
            try await load(key)
            guard case .stored(let indexed) = index.find(key) else { return false }
            if case .ready = find(indexed.response.body) { return true }
            if try await stores.blobs.verify(indexed.response.body) { return true }
            index.put(.nothing, for: key)
        } catch {
            // Not known, which is another thing than absent.
            observer.storeFailed(error)
            index.forget(key)
        }
        return false
    }

    /// Whether another server has brought a document up to date, as far as that was wanted.
    ///
    /// What it stored is known here then, in any case.
    private func finds(document subject: Subject, newerThan held: StoredResponse?) async -> Bool {
        guard let row = try? await stores.responses.response(for: subject.key),
            held.map({ $0.validatedAt < row.validatedAt }) ?? true
        else { return false }
        index.put(row)
        guard row.hasFacts(by: subject.mount.adapter), row.lifetimeSeconds > 0 else {
            return false
        }
        let now = time.now
        let age = now - row.validatedAt
        let isRecent = (0..<rules.refreshIntervalSeconds).contains(age)
        // What is held and fresh is asked for because somebody wants it newer than that.
        return isRecent || row.isFresh(at: now) && !(held?.isFresh(at: now) ?? false)
    }
}

// What other servers are told, and what they tell.
extension PullThroughEngine {
    /// Writes what is new of a response, and tells other servers where that is more than its age.
    func freshen(_ response: StoredResponse) async throws(StoreError) -> Bool {
        guard let shared = stores.sharing?.responses, hasNewStanding(response) else {
            return try await stores.responses.freshen(response)
        }
        return try await shared.restate(response, at: time.now)
    }

    private func hasNewStanding(_ response: StoredResponse) -> Bool {
        guard case .stored(let indexed) = index.find(response.key) else { return true }
        let known = indexed.response
        return known.heldBack != response.heldBack || known.candidate != response.candidate
            || known.withdrawnAt != response.withdrawnAt || known.isRefused != response.isRefused
    }

    /// What another server has stored under a key, if there are others.
    func elsewhere(_ key: CacheKey) async throws(StoreError) -> StoredResponse? {
        stores.sharing == nil ? nil : try await stores.responses.response(for: key)
    }
}

extension StoredResponse {
    fileprivate func isFresh(at now: Int64) -> Bool {
        let freshness = FreshnessRule.freshness(
            validatedAt: validatedAt, lifetimeSeconds: lifetimeSeconds, now: now)
        return if case .fresh = freshness { true } else { false }
    }
}
