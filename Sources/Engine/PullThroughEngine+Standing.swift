internal import Admission
internal import Backends
internal import CacheRules
internal import Ecosystems
internal import Resources

extension PullThroughEngine {
    /// How the index speaks of an artifact's project, as far as its document is known.
    func standing(of artifact: String, by document: ResponseIndex.Knowledge) -> ProjectStanding {
        guard case .stored(let indexed) = document else { return .listed }
        if indexed.response.isRefused { return .withdrawn }
        guard indexed.isTakedown else { return .listed }
        return indexed.response.names(artifact) ? .listed : .withdrawn
    }

    /// Refuses a file of a withdrawn project, and asks meanwhile whether that still holds.
    ///
    /// Installers with a lock file ask for nothing but files.
    func withheld(_ document: String, _ inquiry: Inquiry, _ subject: Subject) -> Answer {
        let page = Subject(mount: subject.mount, resource: .document(document))
        if case .stored(let indexed) = index.find(page.key), isStale(indexed.response),
            health.permission(for: page.mount.label, at: time.uptimeNanoseconds) != .none
        {
            _ = startFetch(page, held: indexed.response)
        }
        return failed(.withdrawn, inquiry, subject)
    }

    private func isStale(_ response: StoredResponse) -> Bool {
        let freshness = FreshnessRule.freshness(
            validatedAt: response.validatedAt, lifetimeSeconds: response.lifetimeSeconds,
            now: time.now)
        return if case .stale = freshness { true } else { false }
    }
}

extension CacheStatus {
    /// Says what is wrong with a document that is served all the same.
    mutating func note(_ indexed: IndexedResponse) {
        if indexed.response.withdrawnAt != nil {
            detail = .withdrawn
        } else if indexed.isHeldBack {
            detail = .heldBack
        }
    }
}
