package import Digests
package import Resources

// What only a database offers to which several servers write; a store without these has one server.

/// Documents that several servers bring up to date at once.
package protocol SharedResponses: Sendable {
    /// Stores a document and its facts in the place of the version with the body `held`; nil is none.
    ///
    /// A version that another server stored meanwhile is newer than the one by which `document` was
    /// judged, and stays (rule M4). One that was removed meanwhile, or has the very bytes of
    /// `document`, does not stand in the way. Where another version was stored before, a
    /// ``Change/Kind/changed`` is noted, all in one transaction.
    ///
    /// - Returns: Whether it is stored now.
    func replace(
        held: BlobDigest?, by document: StoredResponse, facts: [FileFact], at now: Int64
    ) async throws(StoreError) -> Bool

    /// Freshens as `Responses.freshen` does, and notes a ``Change/Kind/changed``, all in one
    /// transaction.
    func restate(_ response: StoredResponse, at now: Int64) async throws(StoreError) -> Bool

    /// Drops some of the changes that are older than ``Change/keptSeconds``, and what leases left
    /// whose holders died; for every server to call now and then.
    func prune(at now: Int64) async throws(StoreError)
}

/// Who fetches what, among servers that share a database and blobs.
///
/// A lease saves work and nothing else: two holders at once do no harm (rule D1). It ends by the
/// database's clock, whatever the servers' clocks say, so that the death of its holder costs its
/// length at most.
package protocol FetchLeases: Sendable {
    /// Takes the lease of a key for so many seconds from now, unless another one holds it.
    ///
    /// - Returns: Whether `holder` has it now.
    func claim(
        _ key: CacheKey, by holder: String, for seconds: Int
    ) async throws(StoreError) -> Bool

    /// Lets those of these leases that `holder` still has last so many seconds from now.
    func renew(_ keys: [CacheKey], by holder: String, for seconds: Int) async throws(StoreError)

    /// Ends a lease; does nothing when `holder` has it no more.
    func release(_ key: CacheKey, by holder: String) async throws(StoreError)
}
