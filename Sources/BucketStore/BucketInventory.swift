package import Backends
package import Digests
internal import Linux
internal import Synchronization

/// All blobs of a bucket, for commands beside the servers that use it.
///
/// ``ObjectRenewal`` says by which agreement an orphan is removed beside those who publish.
package struct BucketInventory: BlobInventory, BlobTarget {
    /// How long objects are removed under one mark, in nanoseconds: half of how long it holds.
    private static let sweepNanoseconds = UInt64(ObjectRenewal.markSeconds) * 500_000_000
    private static let parallelCount = 8

    private let bucket: any ObjectStore
    private let time: any TimeSource
    /// Where objects are kept that are read more than once.
    private let scratch: String

    /// - Parameters:
    ///   - bucket: What is listed.
    ///   - scratch: An existing folder for copies of objects while they are moved.
    ///   - time: The clocks.
    package init(_ bucket: any ObjectStore, scratch: String, time: any TimeSource) {
        self.bucket = bucket
        self.time = time
        self.scratch = scratch
    }

    package func blobs(
        from mark: String?
    ) async throws(StoreError) -> RowPage<StoredBlob, String> {
        let page = try await ask { () throws(ObjectFault) in try await bucket.list("", from: mark) }
        return RowPage(rows: page.entries.compactMap(Self.blob), next: page.next)
    }

    package func blob(_ digest: BlobDigest) async throws(StoreError) -> StoredBlob? {
        try await ask { () throws(ObjectFault) in
            try await bucket.entry(TieredBlobs.name(of: digest)).flatMap(Self.blob)
        }
    }

    /// The blob that an object is; nil for objects of other kinds.
    private static func blob(_ entry: ObjectPage.Entry) -> StoredBlob? {
        guard let digest = BlobDigest(hex: String(entry.name.suffix(64))),
            entry.name == TieredBlobs.name(of: digest)
        else { return nil }
        return StoredBlob(
            digest: digest, byteCount: entry.byteCount, publishedAt: entry.storedAt)
    }

    // MARK: Bytes

    package func content(of digest: BlobDigest) async throws(StoreError) -> BlobContent? {
        let name = TieredBlobs.name(of: digest)
        let body = try await ask { () throws(ObjectFault) in try await bucket.get(name, from: 0) }
        guard let body else { return nil }
        let copy = try Self.attempt(.create) { () throws(Errno) in
            try StagedFile(in: try Directory.open(scratch))
        }
        while true {
            let piece: [UInt8]?
            do throws(UpstreamError) {
                piece = try await body.next()
            } catch {
                throw ObjectFault.unreachable(error).storeError
            }
            guard let piece else { break }
            try Self.attempt(.write) { () throws(Errno) in try copy.file.append(piece) }
        }
        return BlobContent(byteCount: copy.file.byteCount) {
            (offset, count) async throws(StoreError) in
            try Self.attempt(.read) { () throws(Errno) in
                // Unlinked with the last reference to the copy.
                try copy.file.reader.read(at: offset, count: count)
            }
        }
    }

    package func holds(
        _ digest: BlobDigest, byteCount: Int
    ) async throws(StoreError) -> Bool {
        try await blob(digest)?.byteCount == byteCount
    }

    package func put(_ digest: BlobDigest, _ content: BlobContent) async throws(StoreError) {
        let object = ObjectContent(
            byteCount: content.byteCount, digest: digest, read: content.read)
        let name = TieredBlobs.name(of: digest)
        try await ask { () throws(ObjectFault) in
            guard try await bucket.put(name, object, .createOnly) == .alreadyThere else { return }
            try await ObjectRenewal(bucket: bucket, time: time).renew(name, object)
        }
    }

    /// Removes it: a bucket keeps no wrong bytes, of which the next fetch would find them again.
    package func setAside(_ digest: BlobDigest) async throws(StoreError) {
        try await ask { () throws(ObjectFault) in
            try await bucket.delete(TieredBlobs.name(of: digest))
        }
    }

    // MARK: Removing

    package func remove(
        _ blobs: [StoredBlob], untouchedSince moment: Int64,
        needed: @Sendable ([BlobDigest]) async throws(StoreError) -> Set<BlobDigest>
    ) async throws(StoreError) -> [StoredBlob] {
        var rest = blobs[...]
        var gone: [StoredBlob] = []
        // Under one mark only for as long as nobody can take it for one that was left.
        while !rest.isEmpty, !Task.isCancelled {
            let left = rest.count
            try await removeSome(&rest, &gone, untouchedSince: moment, needed: needed)
            if rest.count == left { break }
        }
        return gone
    }

    /// Removes as many as time allows under one mark.
    private func removeSome(
        _ rest: inout ArraySlice<StoredBlob>, _ gone: inout [StoredBlob],
        untouchedSince moment: Int64,
        needed: @Sendable ([BlobDigest]) async throws(StoreError) -> Set<BlobDigest>
    ) async throws(StoreError) {
        let mark = ObjectRenewal.folder + SystemRandom.hexadecimal(byteCount: 16)
        let end = time.uptimeNanoseconds + Self.sweepNanoseconds
        try await ask { () throws(ObjectFault) in
            _ = try await bucket.put(mark, ObjectContent([]), .replace)
        }
        do throws(StoreError) {
            let kept = try await needed(rest.map(\.digest))
            while !rest.isEmpty, time.uptimeNanoseconds < end, !Task.isCancelled {
                let batch = rest.prefix(Self.parallelCount).filter { !kept.contains($0.digest) }
                rest = rest.dropFirst(Self.parallelCount)
                gone += try await remove(batch, untouchedSince: moment, until: end)
            }
        } catch {
            // One that stays counts for as long as it is young.
            try? await bucket.delete(mark)
            throw error
        }
        try await ask { () throws(ObjectFault) in try await bucket.delete(mark) }
    }

    private func remove(
        _ blobs: [StoredBlob], untouchedSince moment: Int64, until end: UInt64
    ) async throws(StoreError) -> [StoredBlob] {
        let results = await withTaskGroup(of: Result<StoredBlob?, ObjectFault>.self) { group in
            for blob in blobs {
                group.addTask { await remove(blob, untouchedSince: moment, until: end) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var gone: [StoredBlob] = []
        try await ask { () throws(ObjectFault) in
            for result in results {
                if let blob = try result.get() { gone.append(blob) }
            }
        }
        return gone
    }

    private func remove(
        _ blob: StoredBlob, untouchedSince moment: Int64, until end: UInt64
    ) async -> Result<StoredBlob?, ObjectFault> {
        do throws(ObjectFault) {
            let name = TieredBlobs.name(of: blob.digest)
            // The list may be old by now.
            guard let entry = try await bucket.entry(name), let storedAt = entry.storedAt,
                storedAt < moment, time.uptimeNanoseconds < end
            else { return .success(nil) }
            try await bucket.delete(name)
            return .success(blob)
        } catch {
            return .failure(error)
        }
    }

    package func sweepLeftovers(
        untouchedSince moment: Int64, removes: Bool
    ) async throws(StoreError) -> LeftoverCount {
        var count = LeftoverCount()
        for folder in [ObjectRenewal.folder, "self-test/"] {
            let page = try await ask { () throws(ObjectFault) in
                try await bucket.list(folder, from: nil)
            }
            for entry in page.entries where (entry.storedAt ?? .max) < moment {
                if removes {
                    try await ask { () throws(ObjectFault) in try await bucket.delete(entry.name) }
                }
                count = count + LeftoverCount(count: 1, byteCount: entry.byteCount)
            }
        }
        guard removes else { return count }
        do throws(ObjectFault) {
            let age = max(time.now - moment, 0)
            count.count += try await bucket.sweepUploads(olderThan: age)
        } catch {
            // Some stores do not list uploads: then their own rules have to remove them.
            if case .unreachable = error { throw error.storeError }
        }
        return count
    }

    // MARK: Errors

    @discardableResult
    private func ask<Success>(
        _ question: () async throws(ObjectFault) -> Success
    ) async throws(StoreError) -> Success {
        do throws(ObjectFault) {
            return try await question()
        } catch {
            throw error.storeError
        }
    }

    private static func attempt<Success>(
        _ operation: StoreError.StaticOperation, _ calls: () throws(Errno) -> Success
    ) throws(StoreError) -> Success {
        do throws(Errno) {
            return try calls()
        } catch {
            throw StoreError(error, in: operation)
        }
    }
}
