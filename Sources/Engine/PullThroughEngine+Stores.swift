internal import Backends
internal import CacheRules
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Linux
internal import Policy
internal import Resources

/// What a request is about: the mount, and the resource below it.
struct Subject: Sendable {
    let mount: Mount
    let resource: Resource?
    /// What the policy says of an answer about it; nil while it was not asked, which admits nothing.
    var verdict: PolicyVerdict?
    /// What the policy would say, where it only watches.
    var watched: PolicyRefusal?
    /// What is to be left out of it.
    var screen: DocumentScreen?

    init(mount: Mount, resource: Resource? = nil) {
        self.mount = mount
        self.resource = resource
    }

    var key: CacheKey { CacheKey(resource ?? .document(""), of: mount.adapter.identity) }

    var record: RequestRecord {
        var record = RequestRecord(
            ecosystem: mount.adapter.identity.ecosystem, kind: resource?.kind.rawValue ?? "none",
            resource: resource?.name ?? "", upstream: mount.label)
        record.policy = verdict?.refusal ?? watched
        return record
    }
}

/// What of a document a request wants.
struct DocumentWish: Sendable {
    let variant: Variant
    /// Whether clients may store the answer.
    let isStorable: Bool
}

/// Which documents may name a file.
struct FactSource: Sendable {
    let document: String
    /// A smaller one, which is read instead while `document` is not stored.
    let hint: String?
}

extension PullThroughEngine {
    /// A blob on this machine, in the store or in memory.
    func find(_ digest: BlobDigest) -> LocalBlob {
        let found = stores.local.find(digest)
        switch found {
        case .absent, .elsewhere, .failed:
            return volatile.find(digest).map(LocalBlob.ready) ?? found
        case .ready, .unverified: return found
        }
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
        ask(about: key, inquiry) { () throws(StoreError) in try await self.load(key) }
    }

    /// Runs a question to our own stores as a fill.
    private func ask(
        about key: CacheKey, _ inquiry: Inquiry,
        _ question: @escaping @Sendable () async throws(StoreError) -> Void
    ) -> Answer {
        switch lookups.join(key, mayBegin: inquiry.mayBegin) {
        case .full:
            return .reply(Replies.failure(.busy, inquiry, nil))
        case .follower(let fill):
            return waiting(for: fill, inquiry)
        case .leader(let fill):
            runner.start(for: fill) {
                do throws(StoreError) {
                    try await question()
                    self.lookups.remove(fill, for: key)
                    fill.settle()
                } catch {
                    self.observer.storeFailed(error)
                    self.lookups.remove(fill, for: key)
                    fill.fail(.lookupFailed)
                }
            }
            return waiting(for: fill, inquiry)
        }
    }

    /// Puts into the index what the database says of a key.
    ///
    /// An artifact whose document promises another digest by now is not what it was: it counts as
    /// not stored, and the pin decides what becomes of the new one.
    func load(_ key: CacheKey) async throws(StoreError) {
        guard let response = try await stores.responses.response(for: key) else {
            index.putIfUnknown(.nothing, for: key)
            return
        }
        if response.kind == .artifact, let fact = try await stores.facts.fact(for: key),
            response.isOutdated(by: fact)
        {
            index.putIfUnknown(.nothing, for: key)
            return
        }
        index.putIfUnknown(.stored(index.entry(response)), for: key)
    }

    /// What is known of a key, the database included.
    ///
    /// - Throws: ``FillFailure/lookupFailed`` where that fails, which is not the same as absence.
    func knowledge(of key: CacheKey) async throws(FillFailure) -> ResponseIndex.Knowledge {
        if case .unknown = index.find(key) {
            do throws(StoreError) {
                try await load(key)
            } catch {
                observer.storeFailed(error)
                throw .lookupFailed
            }
        }
        return index.find(key)
    }

    /// Hashes a large blob that this process has not seen yet, or brings one here, away from the
    /// server threads.
    func verify(_ response: StoredResponse, _ inquiry: Inquiry) -> Answer {
        ask(about: response.key, inquiry) { () throws(StoreError) in
            if try await !self.stores.blobs.verify(response.body) {
                self.index.put(.nothing, for: response.key)
            }
        }
    }

    /// Stores a response and lets requests find it; a failing database costs only the row.
    func keep(_ response: StoredResponse) async {
        if response.kind == .rendering { observer.renderingStored() }
        do {
            try await stores.responses.store(response, facts: [])
        } catch {
            observer.storeFailed(error)
        }
        index.put(response)
    }

    /// Stores a document with its facts; what the database does not take stays in memory.
    ///
    /// - Returns: False when another server has stored another version than `held` meanwhile.
    func keep(
        _ document: StoredResponse, facts: [FileFact], of mount: Mount, held: BlobDigest?
    ) async -> Bool {
        do throws(StoreError) {
            if let shared = stores.sharing?.responses {
                let isStored = try await shared.replace(
                    held: held, by: document, facts: facts, at: time.now)
                guard isStored else { return false }
            } else {
                try await stores.responses.store(document, facts: facts)
            }
            volatileFacts.forget(facts, of: document.key)
        } catch {
            tell(ofDatabase: error)
            volatileFacts.keep(facts, of: document.key)
        }
        for fact in facts {
            let key = CacheKey(.artifact(fact.artifact), of: mount.adapter.identity)
            switch index.find(key) {
            case .stored(let file) where file.response.isOutdated(by: fact):
                index.put(.nothing, for: key)
            // The file was not there for what older facts said.
            case .negative: index.forget(key)
            case .stored, .nothing, .unknown: break
            }
        }
        index.put(document)
        return true
    }

    /// Stores what is new of a response whose bytes are still the same ones.
    ///
    /// One that was purged meanwhile stays away. What the database never took is in the index alone.
    func renew(_ response: StoredResponse) async {
        do throws(StoreError) {
            guard try await freshen(response) else {
                return index.putIfStored(try await elsewhere(response.key) ?? response)
            }
        } catch {
            observer.storeFailed(error)
        }
        index.put(response)
    }

    /// Deletes a body that no response has any more.
    func release(_ body: BlobDigest) async {
        do throws(StoreError) {
            guard try await !stores.responses.isReferenced(body) else { return }
            try await stores.blobs.delete(body)
        } catch {
            observer.storeFailed(error)
        }
    }

    /// Tells of failed storage for blobs, and makes room when it was full.
    func tell(_ error: StoreError) {
        observer.storeFailed(error)
        if error == .full { makeRoom() }
    }

    /// The same for the database, to which files that go give room only where they share a disk.
    func tell(ofDatabase error: StoreError) {
        observer.storeFailed(error)
        if error == .full, rules.databaseSharesDisk { makeRoom() }
    }

    /// Up to `count` bytes of a blob from `offset`, from the store or from memory; nil when it is
    /// gone.
    func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        let inMemory = volatile.find(digest)
        do throws(StoreError) {
            if let bytes = try await stores.blobs.read(digest, at: offset, count: count) {
                return bytes
            }
        } catch {
            guard inMemory != nil else { throw error }
        }
        return inMemory.flatMap { try? $0.read(at: offset, count: count) }
    }
}

extension FillFailure {
    /// Whether asking the upstream failed, as opposed to our own work on what it said.
    var concernsUpstream: Bool {
        switch self {
        case .absent, .notListed, .notInDocument, .upstreamRefused, .upstreamBusy,
            .upstreamAnswered,
            .upstreamUnreachable, .upstreamTimedOut, .invalidAnswer, .bodyCorrupt, .wrongBody,
            .tooLarge, .withdrawn, .memberMissing:
            true
        case .renderingFailed, .refusedByPolicy, .pinConflict, .busy, .storeFull, .lookupFailed,
            .storeFailed,
            .abandoned, .closing:
            false
        }
    }
}
