internal import Backends
internal import Digests
internal import DiskStore
internal import Linux
internal import Synchronization

extension TieredBlobs {
    /// How often a fetch that breaks off goes on from where it broke.
    private static let resumptionLimit = 3
    /// How many damaged objects are remembered; of further ones, some are forgotten.
    private static let damagedLimit = 4_096

    // MARK: From the bucket

    /// Brings a blob from the bucket into the folder; false when it is not there, or not right.
    ///
    /// Those who want the same blob wait for one transfer.
    func fetch(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        try await fetches.run(digest) { () throws(StoreError) in
            // Another fetch may have ended just before this one.
            if case .ready = local.find(digest) { return true }
            guard mayAsk() else { throw .remote(status: 0) }
            let staged = try await stageFetched()
            do throws(StoreError) {
                guard let byteCount = try await copy(digest, into: staged) else {
                    await staged.abandon()
                    return false
                }
                _ = try await staged.commit(as: digest)
                await keep(digest, byteCount: byteCount)
                return true
            } catch {
                await staged.abandon()
                await makeRoom(after: error)
                throw error
            }
        }
    }

    private func stageFetched() async throws(StoreError) -> any StagedBlob {
        do throws(StoreError) {
            // Not synced: it can be fetched again, and is hashed again after a restart.
            return try await local.stage(.derived)
        } catch {
            await makeRoom(after: error)
            throw error
        }
    }

    /// Writes an object into a staged file.
    ///
    /// - Returns: Its length in bytes; nil when it is absent or has other bytes than its name says.
    private func copy(
        _ digest: BlobDigest, into staged: any StagedBlob
    ) async throws(StoreError) -> Int? {
        guard var hasher = try? MultiHasher() else { throw .busy }
        var count = 0
        for attempt in 1...Self.resumptionLimit {
            guard let body = try await body(of: digest, from: count) else {
                // Gone in the middle, or shorter than it was.
                return nil
            }
            while true {
                let piece: [UInt8]?
                do throws(UpstreamError) {
                    piece = try await body.next()
                } catch {
                    guard attempt < Self.resumptionLimit, error == .truncated else {
                        note(.unreachable(error))
                        throw ObjectFault.unreachable(error).storeError
                    }
                    break
                }
                guard let piece else {
                    guard hasher.finish().blob == digest else {
                        markDamaged(digest)
                        return nil
                    }
                    return count
                }
                hasher.update(piece)
                try await staged.append(piece)
                count += piece.count
            }
        }
        return nil
    }

    private func body(
        of digest: BlobDigest, from offset: Int
    ) async throws(StoreError) -> (any UpstreamBody)? {
        do throws(ObjectFault) {
            let body = try await bucket.get(Self.name(of: digest), from: offset)
            note(nil)
            return body
        } catch {
            note(error)
            throw error.storeError
        }
    }

    private func markDamaged(_ digest: BlobDigest) {
        damaged.withLock { damaged in
            if damaged.count >= Self.damagedLimit { damaged.removeFirst() }
            damaged.insert(digest)
        }
        onEvent(.damagedObject)
    }

    // MARK: To the bucket

    /// Puts a blob into the bucket, or notes it for later when the bucket does not take it.
    ///
    /// - Throws: When the blob itself cannot be read or is not what it is to be, or the note cannot
    ///   be written: then it must not be published.
    func secure(_ content: ObjectContent) async throws(StoreError) {
        if mayAsk() {
            do throws(ObjectFault) {
                try await upload(content)
                return
            } catch .source(let error) {
                throw error
            } catch {
                note(error)
                if !error.meansOutage { onEvent(.failed(error.storeError)) }
            }
        }
        try await pending.add(content.digest)
    }

    private func upload(_ content: ObjectContent) async throws(ObjectFault) {
        let name = Self.name(of: content.digest)
        let isDamaged = damaged.withLock { $0.contains(content.digest) }
        let outcome = try await bucket.put(name, content, isDamaged ? .replace : .createOnly)
        if outcome == .alreadyThere { try await renewal.renew(name, content) }
        if isDamaged { damaged.withLock { _ = $0.remove(content.digest) } }
        note(nil)
    }

    /// Uploads what the bucket did not take before; ends at the first fault.
    package func uploadPending() async {
        for digest in pending.all {
            guard !Task.isCancelled, mayAsk() else { return }
            guard let content = await localContent(digest) else {
                await pending.remove(digest)
                continue
            }
            do throws(ObjectFault) {
                try await upload(content)
                await pending.remove(digest)
            } catch {
                return note(error)
            }
        }
    }

    /// A blob of the folder as what is to be uploaded; nil when it is not there, or not right.
    private func localContent(_ digest: BlobDigest) async -> ObjectContent? {
        guard (try? await local.verify(digest)) == true, case .ready(let file) = local.find(digest)
        else { return nil }
        return ObjectContent(byteCount: file.byteCount, digest: digest) {
            [local] (offset, count) async throws(StoreError) in
            try await local.read(digest, at: offset, count: count) ?? []
        }
    }
}
