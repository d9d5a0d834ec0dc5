package import Digests
internal import FoundationEssentials

/// Digests as lock files write them.
enum DigestText {
    /// `sha256:<hex>`, as pip, uv and poetry write; nil for what is no digest that is known.
    static func colon(_ text: String) -> Digest? {
        guard let colon = text.firstIndex(of: ":"),
            let algorithm = DigestAlgorithm(rawValue: text[..<colon].lowercased())
        else { return nil }
        return Digest(algorithm: algorithm, hex: String(text[text.index(after: colon)...]))
    }

    /// `sha512-<base64>`, perhaps several, as npm writes; those of the strongest algorithm.
    ///
    /// Source: W3C Subresource Integrity section 3.3.
    static func integrity(_ text: String) -> [Digest] {
        let digests = text.split(separator: " ").compactMap { item -> Digest? in
            guard let hyphen = item.firstIndex(of: "-"),
                let algorithm = DigestAlgorithm(rawValue: String(item[..<hyphen])),
                let bytes = Data(
                    base64Encoded: String(
                        item[item.index(after: hyphen)...].prefix { $0 != "?" }))
            else { return nil }
            return Digest(algorithm: algorithm, bytes: Array(bytes))
        }
        for algorithm in [DigestAlgorithm.sha512, .sha384, .sha256, .sha1] {
            let strongest = digests.filter { $0.algorithm == algorithm }
            if !strongest.isEmpty { return strongest }
        }
        return []
    }

    /// An algorithm by the names of lists of materials, `SHA-256` or `SHA256`, and a value in hex.
    static func named(_ algorithm: String?, _ hex: String?) -> Digest? {
        guard let algorithm, let hex else { return nil }
        let name = algorithm.lowercased().filter { $0 != "-" && $0 != "_" }
        return DigestAlgorithm(rawValue: name).flatMap { Digest(algorithm: $0, hex: hex) }
    }
}

extension LockedPackages {
    /// Digests as npm writes them: those of the strongest algorithm, any of which may match.
    package static func integrity(_ text: String) -> [Digest] { DigestText.integrity(text) }
}
