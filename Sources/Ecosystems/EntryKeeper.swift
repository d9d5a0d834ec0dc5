/// Keeps entries in a document that its upstream has removed, while their files are stored.
package protocol EntryKeeper: Sendable {
    /// The new version of a document with those entries of the old one that name these artifacts.
    ///
    /// Deterministic, and the result is a document like any other: it is stored in the place of
    /// what the upstream sent, and may be the old version of a later call. An entry that the new
    /// version has as well, at another place, is not taken over.
    ///
    /// - Throws: ``DocumentFault`` where a version cannot be read; the new one then stays as it is.
    func carrying(
        _ artifacts: Set<String>, from old: [UInt8], into new: [UInt8]
    ) throws(DocumentFault) -> [UInt8]
}
