internal import Backends
internal import Digests
internal import DiskStore
internal import Synchronization

extension TieredBlobs {
    private static let interval = Duration.seconds(5)
    /// What was begun longer ago than any upload takes is nobody's any more, in seconds.
    private static let sweepAge: Int64 = 86_400
    /// Rounds between two sweeps: a day.
    private static let sweepRounds = 17_280

    /// Does what is beside requests, until the task is cancelled: finds out what is in the folder
    /// and what the bucket promises, uploads what is pending, and removes what others left.
    package func run() async {
        await takeInventory()
        var round = 0
        var isTested = false
        while !Task.isCancelled {
            if !isTested { isTested = await test() }
            await uploadPending()
            await probe()
            if round % Self.sweepRounds == 0 { await sweep() }
            round += 1
            await time.sleep(for: Self.interval)
        }
    }

    /// Reads the names in the folder; until it is through, the limit holds for what is known only.
    package func takeInventory() async {
        for first in UInt8.min...UInt8.max {
            guard !Task.isCancelled else { return }
            do throws(StoreError) {
                let found = try await local.inventory(of: first)
                ledger.withLock { ledger in
                    for blob in found { ledger.find(blob.digest, byteCount: blob.byteCount) }
                }
            } catch {
                onEvent(.failed(error))
            }
        }
    }

    /// Says what the bucket promises; false when it could not be asked.
    private func test() async -> Bool {
        guard mayAsk() else { return false }
        do throws(ObjectFault) {
            let promises = try await bucket.promises()
            note(nil)
            onEvent(.promises(promises))
            return true
        } catch {
            note(error)
            return false
        }
    }

    /// Asks a bucket that is down whether it is back.
    private func probe() async {
        guard isBucketDown, mayAsk() else { return }
        do throws(ObjectFault) {
            _ = try await bucket.byteCount(of: "self-test/probe")
            note(nil)
        } catch {
            note(error)
        }
    }

    private func sweep() async {
        guard mayAsk() else { return }
        do throws(ObjectFault) {
            let count = try await bucket.sweepUploads(olderThan: Self.sweepAge)
            note(nil)
            if count > 0 { onEvent(.sweptUploads(count)) }
        } catch {
            // Some stores do not list uploads: then their own rules have to remove them.
            if case .unreachable = error { note(error) }
        }
    }
}
