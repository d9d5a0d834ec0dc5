internal import Backends
internal import Resources

/// What is promised of a file, and where that is known from.
extension ArtifactFill {
    /// What a document says of this file; reads the document when no known one names it.
    func fact() async throws(FillFailure) -> FileFact {
        if let fact = await knownFact().found { return fact }
        let document = Subject(mount: subject.mount, resource: .document(source.document))
        if let hint = source.hint, !engine.index.find(document.key).isStored {
            // Whatever it comes to: the document itself has the last word.
            try? await engine.refresh(
                Subject(mount: subject.mount, resource: .document(hint)), for: .hint,
                turnBy: turnEnd)
            if let fact = await knownFact().found { return fact }
        }
        try await engine.refresh(document, turnBy: turnEnd)
        switch await knownFact() {
        case .found(let fact): return fact
        case .nothing: break
        case .failed:
            if let fact = try await passedFact(document) { return fact }
        }
        engine.forget(subject.key, because: .notListed)
        throw .notListed
    }

    /// What the upstream's document says of this file now, where our own database cannot be asked.
    ///
    /// A document that is known to be fresh is read again for it: nothing of what it said is in
    /// memory. Nil when it does not name the file.
    private func passedFact(_ document: Subject) async throws(FillFailure) -> FileFact? {
        // Read a moment ago, and all that it says is in memory. What passes is counted by the file.
        if engine.volatileFacts.hasAll(of: document.key) { return nil }
        guard
            let (fill, _) = engine.startFetch(
                document, held: nil, for: .repair, turnBy: turnEnd)
        else { throw .busy }
        try await fill.finish()
        switch await knownFact() {
        case .found(let fact): return fact
        case .nothing: return nil
        case .failed:
            // Where it has more files than memory keeps, nobody knows.
            guard engine.volatileFacts.hasAll(of: document.key) else { throw .lookupFailed }
            return nil
        }
    }

    enum KnownFact {
        case found(FileFact)
        case nothing
        /// The database does not say, which is not the same as absence.
        case failed

        var found: FileFact? {
            if case .found(let fact) = self { fact } else { nil }
        }
    }

    func knownFact() async -> KnownFact {
        do throws(StoreError) {
            return try await engine.fact(of: subject).map { .found($0) } ?? .nothing
        } catch {
            engine.observer.storeFailed(error)
            return .failed
        }
    }
}
