package import Backends
package import Digests
internal import DiskStore
internal import Linux
internal import Synchronization

/// Blobs in a bucket, with a folder of this machine before it.
///
/// What came from an upstream goes into the bucket first and then into the folder; renderings are
/// in the folder alone. Hits are files of the folder. What is not there is brought from the bucket
/// by ``verify(_:)`` or ``read(_:at:count:)``, and hashed on its way. The folder may be lost at any
/// time, and so may single objects of the bucket: both are misses (rule I8).
///
/// While the bucket is out of order the folder goes on alone: what is stored then is noted, and
/// uploaded later by ``run()``.
package final class TieredBlobs: BlobStore, LocalBlobs {
    let local: DiskBlobs
    let bucket: any ObjectStore
    let time: any TimeSource
    let pending: PendingUploads
    let ledger = Mutex(TierLedger())
    let health = Mutex(BucketHealth())
    /// Blobs whose object had other bytes: the next upload of it replaces what is there.
    let damaged = Mutex<Set<BlobDigest>>([])
    let fetches = SingleFlight<BlobDigest, Bool, StoreError>()
    /// Told of what an operator wants to know; on any thread, and must not block.
    let onEvent: @Sendable (TierEvent) -> Void
    let renewal: ObjectRenewal
    private let limitBytes: Int

    /// Opens or makes the tier in the folder `path`.
    ///
    /// - Parameters:
    ///   - path: The folder, for this process alone.
    ///   - limitBytes: How much the folder may hold; what is just being written comes on top.
    ///   - bucket: What is behind it.
    ///   - time: The clocks.
    ///   - onEvent: Told of what an operator wants to know; on any thread, and must not block.
    /// - Throws: When the folder cannot be made or is another process's.
    package init(
        path: String, limitBytes: Int, before bucket: any ObjectStore, time: any TimeSource,
        onEvent: @escaping @Sendable (TierEvent) -> Void = { _ in }
    ) throws(StoreOpenError) {
        self.limitBytes = limitBytes
        self.bucket = bucket
        self.time = time
        renewal = ObjectRenewal(bucket: bucket, time: time)
        self.onEvent = onEvent
        local = try DiskBlobs(path: path) { onEvent(.damagedFile) }
        pending = try PendingUploads(path: path)
    }

    /// The name of a blob's object: nothing of a client or an upstream is in it (rule P3).
    package static func name(of digest: BlobDigest) -> String {
        let hex = digest.hex
        return "\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
    }

    /// What the folder holds, as far as it is known, in bytes.
    package var localByteCount: Int { ledger.withLock { $0.byteCount } }

    /// Whether the bucket did not answer when it was asked last.
    package var isBucketDown: Bool { health.withLock { $0.isDown } }

    /// How many blobs are still to be uploaded.
    package var pendingCount: Int { pending.all.count }

    package func find(_ digest: BlobDigest) -> LocalBlob {
        let found = local.find(digest)
        switch found {
        case .ready(let file):
            ledger.withLock { $0.use(digest, byteCount: file.byteCount) }
            return found
        case .absent, .elsewhere: return .elsewhere
        case .unverified, .failed: return found
        }
    }

    package func stage(_ durability: Durability) async throws(StoreError) -> any StagedBlob {
        do throws(StoreError) {
            return TieredStagedBlob(try await local.stage(durability), durability, store: self)
        } catch {
            await makeRoom(after: error)
            throw error
        }
    }

    package func verify(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        if try await local.verify(digest) { return true }
        return try await fetch(digest)
    }

    package func read(
        _ digest: BlobDigest, at offset: Int, count: Int
    ) async throws(StoreError) -> [UInt8]? {
        if let bytes = try await local.read(digest, at: offset, count: count) { return bytes }
        guard try await fetch(digest) else { return nil }
        return try await local.read(digest, at: offset, count: count)
    }

    package func delete(_ digest: BlobDigest) async throws(StoreError) {
        await pending.remove(digest)
        try await dropLocal(digest)
        guard mayAsk() else { throw .remote(status: 0) }
        do throws(ObjectFault) {
            try await bucket.delete(Self.name(of: digest))
            note(nil)
        } catch {
            note(error)
            throw error.storeError
        }
    }

    // MARK: Room

    /// Notes a blob that is in the folder now, and keeps the folder within its limit.
    func keep(_ digest: BlobDigest, byteCount: Int) async {
        ledger.withLock { $0.use(digest, byteCount: byteCount) }
        await trim(excess: 0)
    }

    /// Gives a twentieth of the folder up when the disk is full.
    func makeRoom(after error: StoreError) async {
        guard error == .full else { return }
        await trim(excess: ledger.withLock { $0.byteCount } / 20 + 1)
    }

    private func trim(excess: Int) async {
        guard let trim = ledger.withLock({ $0.beginTrim(limit: limitBytes, excess: excess) })
        else { return }
        // What is nowhere else stays.
        for digest in trim.victims(keeping: pending.all) {
            do throws(StoreError) {
                try await dropLocal(digest)
            } catch {
                onEvent(.failed(error))
                break
            }
        }
        ledger.withLock { $0.endTrim() }
    }

    func dropLocal(_ digest: BlobDigest) async throws(StoreError) {
        try await local.delete(digest)
        ledger.withLock { $0.remove(digest) }
    }

    // MARK: Health

    /// Whether the bucket may be asked now.
    func mayAsk() -> Bool {
        let now = time.uptimeNanoseconds
        return health.withLock { $0.permits(at: now) }
    }

    /// Takes in how a request to the bucket ended: nil for well.
    func note(_ fault: ObjectFault?) {
        // What concerns this request alone says nothing of the bucket.
        if let fault, !fault.meansOutage { return }
        let now = time.uptimeNanoseconds
        guard health.withLock({ $0.note(isOutage: fault != nil, at: now) }) else { return }
        onEvent(fault.map(TierEvent.bucketDown) ?? .bucketUp)
    }
}

/// What an operator wants to know of a bucket and the tier before it.
package enum TierEvent: Sendable, Hashable {
    case bucketDown(ObjectFault)
    case bucketUp
    case promises(BucketPromises)
    /// An object had other bytes than its name says.
    case damagedObject
    /// So had a file of the tier.
    case damagedFile
    /// So many unfinished uploads of earlier processes were removed.
    case sweptUploads(Int)
    case failed(StoreError)
}
