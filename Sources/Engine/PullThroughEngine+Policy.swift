internal import Admission
package import Backends
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Policy
internal import Resources
internal import Synchronization

/// What the policy has to say of requests.
extension PullThroughEngine {
    // MARK: Documents

    /// A document with the policy's verdict on it, and with what is to be left out of it.
    func judged(document name: String, _ mount: Mount) -> Subject {
        var subject = Subject(mount: mount, resource: .document(name))
        subject.verdict = .allowed
        guard policy.isActive else { return subject }
        let ecosystem = mount.adapter.identity.ecosystem
        let edition = policy.edition
        switch mount.adapter.scope(ofDocument: name) {
        case .nothing: break
        case .package(let package):
            subject.screen = DocumentScreen(of: package, ecosystem, by: edition)
        case .all: subject.screen = DocumentScreen(ofAll: ecosystem, by: edition)
        case .release(let release):
            guard let rules = edition.rules(for: release.package, of: ecosystem) else { break }
            let known = KnownRelease(version: release.version, publishedAt: nil)
            subject.take(rules.rulingByLists(on: known, at: time.now).verdict, rules)
        }
        return subject
    }

    /// Refuses what the policy does not admit.
    func refused(_ refusal: PolicyRefusal, _ inquiry: Inquiry, _ subject: Subject) -> Answer {
        failed(.refusedByPolicy(refusal), inquiry, subject)
    }

    // MARK: Artifacts

    /// An artifact with a verdict, or what has to be waited for first.
    enum Judgement {
        case judged(Subject)
        case waiting(Answer)
    }

    /// Asks the policy about an artifact, whatever is stored of it.
    ///
    /// Costs a look without rules, and two look-ups in dictionaries with some.
    func judge(
        artifact name: String, from source: FactSource, by document: ResponseIndex.Knowledge,
        _ inquiry: Inquiry, _ mount: Mount
    ) -> Judgement {
        var subject = Subject(mount: mount, resource: .artifact(name))
        subject.verdict = .allowed
        guard policy.isActive else { return .judged(subject) }
        let adapter = mount.adapter
        let edition = policy.edition
        let ecosystem = adapter.identity.ecosystem
        let named = adapter.release(ofArtifact: name, version: nil)
        guard let rules = edition.rules(for: named.package, of: ecosystem) else {
            return .judged(subject)
        }
        var known = KnownRelease(version: named.version, publishedAt: nil)
        if rules.needsDates || named.version == nil || named.package == nil {
            let key = CacheKey(.artifact(named.artifact), of: adapter.identity)
            guard let found = releases.find(key, by: document.body) else {
                return .waiting(
                    learn(named, from: source, needsDate: rules.needsDates, inquiry, mount))
            }
            known = found
        }
        let exact = adapter.release(ofArtifact: named.artifact, version: known.version)
        guard let rules = edition.rules(for: exact.package, of: ecosystem) else {
            return .judged(subject)
        }
        subject.take(rules.ruling(on: known, at: time.now).verdict, rules)
        return .judged(subject)
    }

    /// Finds out what documents say of an artifact, once for all who want to know.
    private func learn(
        _ named: ArtifactRelease, from source: FactSource, needsDate: Bool, _ inquiry: Inquiry,
        _ mount: Mount
    ) -> Answer {
        let subject = Subject(mount: mount, resource: .artifact(named.artifact))
        if let failure = inquiry.memory.failure { return failed(failure, inquiry, subject) }
        let key = CacheKey(stored: "policy \(subject.key.text)")
        switch lookups.join(key, mayBegin: inquiry.mayBegin) {
        case .full: return failed(.busy, inquiry, subject)
        case .follower(let fill): return waiting(for: fill, inquiry)
        case .leader(let fill):
            runner.start(for: fill) {
                let failure = await self.learn(named, subject, source, needsDate)
                self.lookups.remove(fill, for: key)
                if let failure { fill.fail(failure) } else { fill.settle() }
            }
            return waiting(for: fill, inquiry)
        }
    }

    /// Nil when it is known now.
    private func learn(
        _ named: ArtifactRelease, _ subject: Subject, _ source: FactSource, _ needsDate: Bool
    ) async -> FillFailure? {
        let page = Subject(mount: subject.mount, resource: .document(source.document))
        var failure: FillFailure?
        var fact: FileFact?
        var heldSince: Int64?
        do throws(StoreError) {
            fact = try await self.fact(of: subject)
            if fact == nil || needsDate && fact?.publishedAt == nil {
                // What a smaller document said has no date, and one that was never read says nothing.
                do throws(FillFailure) {
                    try await refresh(page)
                } catch {
                    failure = error
                }
                fact = try await self.fact(of: subject)
            }
            if fact == nil {
                heldSince = try await stores.responses.response(for: subject.key)?.storedAt
            }
        } catch {
            // That nobody could be asked is not absence, and must not be remembered as that.
            observer.storeFailed(error)
            return .lookupFailed
        }
        // Whether it is listed could not be asked, and there is nothing to serve.
        if let failure, fact == nil, heldSince == nil { return failure }
        let known = KnownRelease(
            version: fact?.version ?? named.version, publishedAt: fact?.publishedAt,
            heldSince: heldSince)
        let document = (try? await knowledge(of: page.key))?.body
        releases.put(known, of: subject.key, by: document)
        return nil
    }

    /// What a document said of a file, as far as it is known here.
    func fact(of subject: Subject) async throws(StoreError) -> FileFact? {
        if let fact = volatileFacts.find(subject.key) { return fact }
        return try await stores.facts.fact(for: subject.key)
    }

    // MARK: Malware

    /// Takes the list of malware that operators imported last, if it is a newer one.
    ///
    /// One that cannot be read is told of once, and the one before it goes on to hold.
    package func learnMalware() async throws(StoreError) {
        let seen = max(policy.feedRevision, refusedFeed.load(ordering: .relaxed))
        guard let stored = try await stores.malware.malwareList(after: seen) else { return }
        do throws(PolicyError) {
            policy.adopt(try MalwareFeed(stored: stored.bytes), revision: stored.revision)
            observer.malwareListed(policy.feedCount)
        } catch {
            refusedFeed.store(stored.revision, ordering: .relaxed)
            observer.malwareRefused(error.description)
        }
    }
}

extension Subject {
    /// Notes a verdict; where the policy only watches, it is told and not kept to.
    fileprivate mutating func take(_ verdict: PolicyVerdict, _ rules: PackageRules) {
        if rules.isDryRun { watched = verdict.refusal } else { self.verdict = verdict }
    }
}

extension ResponseIndex.Knowledge {
    /// The digest of what is stored.
    var body: BlobDigest? {
        if case .stored(let indexed) = self { indexed.response.body } else { nil }
    }
}

extension StoredResponse {
    /// Until when a rendering is right that the policy had a say in; no field can have this name.
    private static let untilField = ":until"

    var screenedUntil: Int64? {
        get { headers[Self.untilField].flatMap { Int64($0) } }
        set {
            if let newValue { headers.replace(Self.untilField, "\(newValue)") }
        }
    }

    /// Whether a release that it hides may be seen by now, or the other way round.
    func isOutgrown(at now: Int64) -> Bool { screenedUntil.map { $0 <= now } ?? false }
}
