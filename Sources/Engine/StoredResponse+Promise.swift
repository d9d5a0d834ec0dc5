internal import Digests
internal import HTTPModel
internal import Resources

extension StoredResponse {
    /// Where an artifact says which promise it was taken despite; no field can have this name.
    private static let brokenField = ":despite"

    /// Whether a document promises other bytes for this artifact than those that are stored.
    ///
    /// A promised SHA-256 decides, since a body is stored under its own. Of the other algorithms only
    /// that of the entity tag is known; where another one is promised, this is true. A promise that
    /// was known to be broken when the bytes were stored says nothing new.
    func isOutdated(by fact: FileFact) -> Bool {
        if let broken = headers[Self.brokenField], broken == fact.promise { return false }
        let names = fact.digests.filter { $0.algorithm == .sha256 }
        guard names.isEmpty else { return !names.contains { $0.hex == body.hex } }
        let promised = fact.strongestDigests
        return !promised.isEmpty && !promised.contains { $0.hex == entityTag }
    }

    /// Notes among an artifact's fields that its bytes are not those of this promise.
    static func note(broken fact: FileFact, in headers: inout Headers) {
        headers.replace(brokenField, fact.promise)
    }
}

extension FileFact {
    /// The digests in an order of our own.
    fileprivate var promise: String {
        digests.map(\.description).sorted().joined(separator: " ")
    }

    /// The same file of which its document promises nothing.
    var unpromised: FileFact {
        FileFact(
            artifact: artifact, url: url, digests: [], byteCount: byteCount, version: version,
            publishedAt: publishedAt)
    }
}
