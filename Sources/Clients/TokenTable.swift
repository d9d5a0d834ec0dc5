package import Admission
package import Backends
internal import Digests
package import HTTPModel
internal import Synchronization

/// All tokens of clients in memory, so that no request waits for the database.
///
/// There are at most ``ClientToken/countLimit``, and all of them are here: an id that is not is
/// wrong, whoever asks how often. Tokens that are known go on working while the database is away;
/// what was revoked meanwhile ends when it is back.
package final class TokenTable: Authenticator {
    package let stranger: Principal
    private let tokens: any ClientTokens
    private let time: any TimeSource
    private let failed: @Sendable (StoreError) -> Void
    private let entries = Mutex<[String: Entry]>([:])
    /// Compared with the secret of an unknown id, so that it costs what a known one costs.
    private let decoy = TokenText.make().token.digest
    private let isOutdated = Atomic<Bool>(true)

    private final class Entry: Sendable {
        let digest: BlobDigest
        let expiresAt: Int64?
        let principal: Principal
        /// In seconds since 1970; 0 while it is not used.
        let usedAt = Atomic<Int64>(0)

        init(_ token: ClientToken) {
            digest = token.digest
            expiresAt = token.expiresAt
            // A scope of another version's making gives nothing.
            let scopes = token.scopes.split(separator: ",").compactMap { Scope(String($0)) }
            principal = Principal(client: token.name, reading: scopes, isAdmin: token.isAdmin)
        }
    }

    /// An empty table; `stranger` is who comes without a token.
    ///
    /// `failed` is told when the tokens could not be read, and must not block.
    package init(
        _ tokens: any ClientTokens, stranger: Principal, time: any TimeSource,
        failed: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) {
        self.tokens = tokens
        self.stranger = stranger
        self.time = time
        self.failed = failed
    }

    package func identify(_ authorization: AuthorizationField?) -> Identification {
        guard let authorization else { return .known(stranger) }
        var fault = CredentialFault.malformed
        for secret in authorization.revealedSecrets() {
            guard let text = TokenText(secret) else { continue }
            let entry = entries.withLock { $0[text.id] }
            let isRight = text.digest.isSecretlyEqual(to: entry?.digest ?? decoy)
            guard let entry, isRight else {
                fault = entry == nil ? .unknown : .wrong
                continue
            }
            let now = time.now
            if let end = entry.expiresAt, end <= now {
                fault = .expired
                continue
            }
            entry.usedAt.store(now, ordering: .relaxed)
            return .known(entry.principal)
        }
        return .refused(fault)
    }

    package func tokensChanged() { isOutdated.store(true, ordering: .relaxed) }

    // MARK: Upkeep

    /// Reads all tokens from the database; those that are known stay when that fails.
    package func load() async throws(StoreError) {
        isOutdated.store(false, ordering: .relaxed)
        let rows: [ClientToken]
        do throws(StoreError) {
            rows = try await tokens.clientTokens()
        } catch {
            isOutdated.store(true, ordering: .relaxed)
            throw error
        }
        var loaded: [String: Entry] = [:]
        for token in rows.prefix(ClientToken.countLimit) { loaded[token.id] = Entry(token) }
        entries.withLock { entries in
            for (id, entry) in entries {
                loaded[id]?.usedAt.store(
                    entry.usedAt.load(ordering: .relaxed), ordering: .relaxed)
            }
            swap(&entries, &loaded)
        }
    }

    /// Writes down when tokens were last used.
    package func recordUses() async throws(StoreError) {
        let used = entries.withLock { entries in
            entries.compactMapValues { entry -> Int64? in
                let use = entry.usedAt.exchange(0, ordering: .relaxed)
                return use == 0 ? nil : use
            }
        }
        if !used.isEmpty { try await tokens.record(tokenUses: used) }
    }

    /// How often a change is looked for, as a part of ``round``; the engine's look at the log of
    /// changes is what tells of one.
    private static let pause = Duration.milliseconds(500)
    /// So many pauses after which all is read again, told or not, and uses are written.
    private static let round = 60

    /// Keeps the table as the database has it, until the task is cancelled.
    package func run() async {
        var count = 0
        while !Task.isCancelled {
            await time.sleep(for: Self.pause)
            count = (count + 1) % Self.round
            do throws(StoreError) {
                if count == 0 { try await recordUses() }
                if count == 0 || isOutdated.load(ordering: .relaxed) { try await load() }
            } catch {
                // Once in each round, while the database is out of order.
                if count == 0 { failed(error) }
            }
        }
        try? await recordUses()
    }
}
