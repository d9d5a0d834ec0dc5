internal import Backends
internal import Digests

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
    /// How long a mark holds; one who removes ends well before.
    static let markSeconds: Int64 = 900
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
        let marks = try await marks()
        for _ in 0..<Self.roundLimit {
            guard !marks.isEmpty, try await !marks.isDisjoint(with: self.marks()) else { break }
            await time.sleep(for: .seconds(1))
        }
        // Whoever looked at the old one may have removed the new one; the next look sees a young one.
        if try await bucket.entry(name) == nil {
            _ = try await bucket.put(name, content, .createOnly)
        }
    }

    /// Where the store does not say how old it is, nobody removes it either.
    private func isSafe(_ found: ObjectPage.Entry) -> Bool {
        found.storedAt.map { $0 > time.now - safeAgeSeconds } ?? true
    }

    /// The marks of those who remove just now; one that is too old was left by somebody who ended.
    private func marks() async throws(ObjectFault) -> Set<String> {
        let found = try await bucket.list(Self.folder, from: nil).entries
        let young = found.filter { ($0.storedAt ?? .max) > time.now - Self.markSeconds }
        return Set(young.map(\.name))
    }
}
