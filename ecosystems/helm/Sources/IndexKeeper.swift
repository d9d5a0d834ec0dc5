internal import Ecosystems

/// Keeps entries in an index that its upstream has removed.
///
/// The result is JSON with the upstream's own URLs: what a client gets of the upstream's entries is
/// the same as without the kept ones, which follow those of their charts, and charts that are gone
/// follow the others.
struct IndexKeeper: EntryKeeper {
    let upstream: HelmUpstream

    func carrying(
        _ artifacts: Set<String>, from old: [UInt8], into new: [UInt8]
    ) throws(DocumentFault) -> [UInt8] {
        let found = try HelmIndex.written(
            old, IndexOptions(upstream: upstream, keepsURLs: true, only: artifacts))
        guard !found.kept.isEmpty else { return new }
        let index = try HelmIndex.written(
            new, IndexOptions(upstream: upstream, keepsURLs: true, added: found.kept))
        return index.addedCount > 0 ? index.bytes : new
    }
}
