internal import Backends
internal import CacheRules
internal import Digests
internal import Ecosystems
internal import Linux
internal import Resources

/// What a request is about: the mount, and the resource below it.
struct Subject: Sendable {
    let mount: Mount
    let resource: Resource?

    init(mount: Mount, resource: Resource? = nil) {
        self.mount = mount
        self.resource = resource
    }

    var key: CacheKey { CacheKey(resource ?? .document(""), of: mount.adapter.identity) }

    var record: RequestRecord {
        RequestRecord(
            ecosystem: mount.adapter.identity.ecosystem, kind: resource?.kind.rawValue ?? "none",
            resource: resource?.name ?? "", upstream: mount.label)
    }
}

/// How an answer is to be delivered.
struct Delivery: Sendable {
    let subject: Subject
    let status: CacheStatus
    /// For how many seconds the client may use it; 0 when stale.
    let remainingSeconds: Int64

    init(_ subject: Subject, _ status: CacheStatus, _ remainingSeconds: Int64) {
        self.subject = subject
        self.status = status
        self.remainingSeconds = remainingSeconds
    }
}

extension PullThroughEngine {
    /// A blob on this machine, in the store or in memory.
    func find(_ digest: BlobDigest) -> LocalBlob {
        let found = stores.local.find(digest)
        if case .absent = found, let file = volatile.find(digest) { return .ready(file) }
        return found
    }

    func waiting(for fill: Fill, _ inquiry: Inquiry, until deadline: UInt64? = nil) -> Answer {
        .pending(
            Pending(
                fill: fill, deadline: deadline, rounds: inquiry.rounds + 1, memory: inquiry.memory))
    }

    func failed(_ failure: FillFailure, _ inquiry: Inquiry, _ subject: Subject) -> Answer {
        .reply(Replies.failure(failure, inquiry, subject))
    }

    /// Answers that there is no such thing, from memory unless it was asked just now.
    func negative(_ failure: FillFailure, _ inquiry: Inquiry, _ subject: Subject) -> Answer {
        var negative = inquiry
        if negative.memory.status == nil {
            negative.memory.status = CacheStatus(detail: .negative)
        }
        return failed(failure, negative, subject)
    }

    /// Remembers for a short while that there is no such thing.
    func forget(_ key: CacheKey, because failure: FillFailure) {
        index.put(.negative(failure, until: time.now + rules.negativeSeconds), for: key)
    }

    /// Asks the database for a key that the index does not know.
    func lookup(_ key: CacheKey, _ inquiry: Inquiry) -> Answer {
        switch lookups.join(key) {
        case .full:
            return .reply(Replies.failure(.busy, inquiry, nil))
        case .follower(let fill):
            return waiting(for: fill, inquiry)
        case .leader(let fill):
            runner.start {
                await self.load(key)
                self.lookups.remove(fill, for: key)
                fill.settle()
            }
            return waiting(for: fill, inquiry)
        }
    }

    /// Puts into the index what the database says of a key.
    ///
    /// A database that fails is told to the observer, and the key counts as not stored: the request
    /// then goes to the upstream, which is better than an error.
    func load(_ key: CacheKey) async {
        do {
            let response = try await stores.responses.response(for: key)
            let knowledge = response.map { ResponseIndex.Knowledge.stored(index.entry($0)) }
            index.putIfUnknown(knowledge ?? .nothing, for: key)
        } catch {
            observer.storeFailed(error)
            index.putIfUnknown(.nothing, for: key)
        }
    }

    /// Hashes a large blob that this process has not seen yet, away from the server threads.
    func verify(_ response: StoredResponse, _ inquiry: Inquiry) -> Answer {
        let key = response.key
        switch lookups.join(key) {
        case .full:
            return .reply(Replies.failure(.busy, inquiry, nil))
        case .follower(let fill):
            return waiting(for: fill, inquiry)
        case .leader(let fill):
            runner.start {
                do throws(StoreError) {
                    if try await !self.stores.blobs.verify(response.body) {
                        self.index.put(.nothing, for: key)
                    }
                } catch {
                    self.observer.storeFailed(error)
                    self.index.put(.nothing, for: key)
                }
                self.lookups.remove(fill, for: key)
                fill.settle()
            }
            return waiting(for: fill, inquiry)
        }
    }

    /// Stores a response and lets requests find it; a failing database costs only the row.
    func keep(_ response: StoredResponse) async {
        do {
            try await stores.responses.store(response, facts: [])
        } catch {
            observer.storeFailed(error)
        }
        index.put(response)
    }

    /// Stores a document with its facts; what the database does not take stays in memory.
    func keep(
        _ document: StoredResponse, facts: [FileFact], of upstream: UpstreamIdentity
    ) async {
        do {
            try await stores.responses.store(document, facts: facts)
        } catch {
            observer.storeFailed(error)
            volatileFacts.keep(facts, of: upstream)
        }
        index.put(document)
    }

    /// Takes a response out of index and database.
    func drop(_ key: CacheKey) async {
        index.put(.nothing, for: key)
        do {
            try await stores.responses.remove(key)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Records that a client waited its whole budget for a validation.
    func note(_ outcome: Breaker.Outcome, at pending: Pending) {
        if let upstream = pending.memory.validating { note(outcome, for: upstream) }
    }

    /// Records how an upstream is, and tells where an outage begins or ends.
    func note(_ outcome: Breaker.Outcome, for upstream: String) {
        let change = health.record(outcome, for: upstream, at: time.uptimeNanoseconds)
        guard change != .none else { return }
        observer.upstreamChanged(upstream, isUp: change == .closed)
        let event = StoredEvent(
            kind: change == .opened ? .outageBegan : .outageEnded, at: time.now,
            upstream: upstream, subject: "")
        runner.start { await self.record(event) }
    }

    func record(_ event: StoredEvent) async {
        do {
            try await stores.events.record(event)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Stores whole bytes as a blob, or keeps them in memory when the disk takes none.
    ///
    /// Returns false when neither was possible.
    func keep(_ bytes: [UInt8], as digest: BlobDigest, _ durability: Durability) async -> Bool {
        do throws(StoreError) {
            let staged = try await stores.blobs.stage(durability)
            do throws(StoreError) {
                try await staged.append(bytes)
                _ = try await staged.commit(as: digest)
                return true
            } catch {
                await staged.abandon()
                throw error
            }
        } catch {
            observer.storeFailed(error)
            return volatile.keep(bytes, as: digest)
        }
    }

    /// The bytes of a whole blob, from the store or from memory.
    func bytes(of digest: BlobDigest) async throws(StoreError) -> [UInt8]? {
        if let bytes = try await stores.blobs.read(digest, limit: rules.documentByteLimit) {
            return bytes
        }
        guard let file = volatile.find(digest) else { return nil }
        return try? file.read(at: 0, count: file.byteCount)
    }
}

extension FillFailure {
    /// Whether asking the upstream failed, as opposed to our own work on what it said.
    var concernsUpstream: Bool {
        switch self {
        case .absent, .notListed, .upstreamRefused, .upstreamBusy, .upstreamAnswered,
            .upstreamUnreachable, .upstreamTimedOut, .invalidAnswer, .bodyCorrupt, .tooLarge,
            .withdrawn:
            true
        case .renderingFailed, .pinConflict, .busy, .storeFull, .storeFailed, .abandoned, .closing:
            false
        }
    }
}
