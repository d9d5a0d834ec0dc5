internal import Admission
package import Backends
internal import Ecosystems
internal import Resources
internal import Synchronization

/// What operators do beside the running server: it is read from the database now and then.
extension PullThroughEngine {
    /// Learns what operators did, again and again, until the task is cancelled.
    func watchOperations() async {
        guard let interval = rules.operationsInterval else { return }
        var hasOutages = false
        var wasBroken = false
        while !Task.isCancelled {
            do throws(StoreError) {
                if !hasOutages {
                    try await takeOverOutages()
                    hasOutages = true
                }
                try await learnOperations()
                wasBroken = false
            } catch {
                // Once, and not at every look, while the database is out of order.
                if !wasBroken { observer.storeFailed(error) }
                wasBroken = true
            }
            await time.sleep(for: interval)
        }
    }

    /// Learns what operators did since the last call.
    ///
    /// Begins with the oldest order that is kept: what an earlier process was told and did not do
    /// any more is done now.
    /// - Throws: The first error; whatever fails, the list of malware is looked at all the same.
    package func learnOperations() async throws(StoreError) {
        do throws(StoreError) {
            try await learnChanges()
        } catch {
            try? await learnMalware()
            throw error
        }
        try await learnMalware()
    }

    private func learnChanges() async throws(StoreError) {
        let drills = try await stores.operations.drills()
        let change = health.drill(Set(drills.map(\.upstream)))
        for upstream in change.began { observer.drillChanged(upstream, isCut: true) }
        for upstream in change.ended { observer.drillChanged(upstream, isCut: false) }
        guard var number = lastChange.withLock({ $0 }) else { return try await beginLearning() }
        while true {
            let log = try await stores.operations.changes(after: number)
            // What was missed could be about anything.
            if !log.isComplete {
                index.forgetAll()
                authenticator.tokensChanged()
            }
            for change in log.changes { try await follow(change, asks: true) }
            number = log.last
            lastChange.withLock { $0 = number }
            if log.changes.count < Change.batchCount { return }
        }
    }

    /// Does what operators wanted before the start.
    ///
    /// What else others have changed is in the database by now, and asked for there.
    private func beginLearning() async throws(StoreError) {
        let newest = try await stores.operations.newestChange()
        index.forgetAll()
        var number: Int64 = 0
        while true {
            let log = try await stores.operations.orders(after: number)
            // What was wanted before the start is stale, so that the next request asks.
            for order in log.changes { try await follow(order, asks: false) }
            number = log.last
            if log.changes.count < Change.batchCount { break }
        }
        lastChange.withLock { $0 = newest }
    }

    private func follow(_ change: Change, asks: Bool) async throws(StoreError) {
        if change.kind == .tokens { return authenticator.tokensChanged() }
        index.forget(change.key)
        switch change.kind {
        case .changed, .tokens: break
        case .purged:
            if let body = change.released { await release(body) }
        case .wanted:
            if asks { try await askAgain(for: change.key) }
        }
    }

    /// Asks the upstream of a document now, whatever is known of it.
    private func askAgain(for key: CacheKey) async throws(StoreError) {
        for mount in mounts {
            guard let resource = key.resource(of: mount.adapter.identity),
                resource.kind == .document
            else { continue }
            let held = try await stores.responses.response(for: key)
            _ = startFetch(Subject(mount: mount, resource: resource), held: held)
            return
        }
    }
}
