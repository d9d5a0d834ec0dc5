package import Digests

/// Digests as one text: `algorithm:hex`, separated by spaces.
package enum DigestList {
    package static func encode(_ digests: [Digest]) -> String {
        digests.map(\.description).joined(separator: " ")
    }

    /// - Returns: `nil` when the text is not what ``encode(_:)`` makes.
    package static func decode(_ text: String) -> [Digest]? {
        var digests: [Digest] = []
        for word in text.split(separator: " ") {
            let parts = word.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let algorithm = DigestAlgorithm(rawValue: String(parts[0])),
                let digest = Digest(algorithm: algorithm, hex: String(parts[1]))
            else { return nil }
            digests.append(digest)
        }
        return digests
    }
}
