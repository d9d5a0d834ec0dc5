internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

extension StoredResponse {
    /// Where a document says by which rules its facts were made; no field can have this name.
    private static let factsField = ":facts"

    /// Whether the facts of this document were made by the rules that the adapter has now.
    ///
    /// If not, only the bytes of the document tell what they would be: the upstream's word that
    /// nothing changed is no use.
    func hasFacts(by adapter: any EcosystemAdapter) -> Bool {
        headers[Self.factsField] == Self.mark(adapter)
    }

    /// Notes among a document's fields by whose rules its facts were made.
    static func noteFacts(by adapter: any EcosystemAdapter, in headers: inout Headers) {
        headers.replace(factsField, mark(adapter))
    }

    /// Makes the facts count as made by other rules, so that the bytes are asked for.
    mutating func outdateFacts() { headers.remove(Self.factsField) }

    /// Short, and free of what a field's value may not hold.
    private static func mark(_ adapter: any EcosystemAdapter) -> String {
        String(BlobDigest.of(Array(adapter.factsVersion.utf8)).hex.prefix(16))
    }
}
