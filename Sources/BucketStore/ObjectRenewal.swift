internal import Backends

/// Keeps an object that somebody stored before, and nobody may need yet, from being removed as an
/// orphan while its row is on the way.
///
/// The agreement with ``BucketInventory``: who removes puts a mark into the bucket, looks at each
/// object's age while the mark is there, and takes the mark away in the end. Who publishes an
/// object that is there already makes it young if it is old, and then looks for marks: with none,
/// whoever removes later sees a young object, and whoever has removed has left none, which is seen
/// at once. No step relies on a lock, and the store's own clock tells the age.
struct ObjectRenewal: Sendable {
    /// What is younger is safe: no orphan is removed at that age, by far.
    static let safeAgeSeconds: Int64 = 600
    /// How long a mark holds by the store's clock; who removes begins no removal after half of it.
    static let markSeconds: Int64 = 60
    /// The folder of the marks.
    static let folder = "gc/"
    private static let roundLimit = 60

    let bucket: any ObjectStore
    let time: any TimeSource
    var safeAgeSeconds = Self.safeAgeSeconds

    /// Makes sure that an object which was there is whole, and stays.
    func renew(_ name: String, _ content: ObjectContent) async throws(ObjectFault) {
        let found = try await bucket.entry(name)
        // Somebody else stored it first, so that its size tells whether it is whole.
        if let found, found.byteCount == content.byteCount, isSafe(found) { return }
        _ = try await bucket.put(name, content, .replace)
        // Those that come later see a young object.
        try await waitForMarks(at: try await bucket.entry(name)?.storedAt)
        // Whoever looked at the old one may have removed the new one; the next look sees a young one.
        if try await bucket.entry(name) == nil {
            _ = try await bucket.put(name, content, .createOnly)
        }
    }

    /// Where the store does not say how old it is, nobody removes it either.
    private func isSafe(_ found: ObjectPage.Entry) -> Bool {
        found.storedAt.map { $0 > time.now - safeAgeSeconds } ?? true
    }

    /// Waits until those have ended who remove just now.
    ///
    /// Their marks are of the same clock as `moment`, when the store took the object, so that this
    /// machine's may differ; without it all marks count.
    private func waitForMarks(at moment: Int64?) async throws(ObjectFault) {
        let began = time.uptimeNanoseconds
        let marks = try await marks(after: moment.map { $0 - Self.markSeconds })
        for _ in 0..<Self.roundLimit {
            let seconds = Int64((time.uptimeNanoseconds - began) / 1_000_000_000)
            let oldest = moment.map { $0 - Self.markSeconds + seconds }
            guard !marks.isEmpty,
                try await !marks.isDisjoint(with: self.marks(after: oldest))
            else { break }
            await time.sleep(for: .seconds(1))
        }
    }

    /// The marks of those who remove just now; an older one was left by somebody who ended.
    private func marks(after oldest: Int64?) async throws(ObjectFault) -> Set<String> {
        let found = try await bucket.list(Self.folder, from: nil).entries
        let young = found.filter { ($0.storedAt ?? .max) >= oldest ?? .min }
        return Set(young.map(\.name))
    }
}
