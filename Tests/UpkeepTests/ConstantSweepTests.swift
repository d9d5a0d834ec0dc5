import Backends
import Conformance
import Digests
import Foundation
import Linux
import Resources
import Support
import Synchronization
import Testing
import Upkeep

/// The sweep at full speed against those who publish and read the same blobs.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ConstantSweepTests {
    private static let publisherCount = 4
    private static let digestCount = 6

    /// For how long it goes on, in seconds; the whole case is 600.
    private static var seconds: Double {
        ProcessInfo.processInfo.environment["LARDER_SWEEP_SECONDS"].flatMap(Double.init) ?? 8
    }

    /// On a machine under load it goes on until both were really at it.
    private static let leastPublished = 200
    private static let leastSwept = 100

    private final class Tally: Sendable {
        struct Count: Sendable {
            var published = 0
            var lost = 0
            var swept = 0
        }

        let count = Mutex(Count())
        private let end = SystemClock.monotonicNanoseconds + UInt64(seconds * 1e9)

        var isDone: Bool {
            let count = count.withLock { $0 }
            return count.lost > 0
                || SystemClock.monotonicNanoseconds >= end && count.published >= leastPublished
                    && count.swept >= leastSwept
        }
    }

    @Test(
        "R-2: a sweep at full speed removes no blob that has a row, whoever publishes it again",
        arguments: [Place.Kind.folder, .s3])
    func constantSweep(_ kind: Place.Kind) async throws {
        let place = try Place(kind)
        let metadata = MemoryMetadata()
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.publisherCount {
                group.addTask {
                    while !tally.isDone {
                        let lost = try await Self.round(number, place, metadata)
                        tally.count.withLock {
                            $0.published += Self.digestCount
                            $0.lost += lost
                        }
                    }
                }
            }
            group.addTask {
                let sweep = OrphanSweep(places: [place.place], rows: metadata)
                while !tally.isDone {
                    let report = try await sweep.run(before: place.now - 3_600, removes: true)
                    tally.count.withLock { $0.swept += report.orphans.count }
                }
            }
            try await group.waitForAll()
        }
        let total = tally.count.withLock { $0 }
        #expect(total.lost == 0, "\(total)")
    }

    /// Publishes the blobs of one publisher with their rows, reads them, and leaves them as old
    /// orphans; says how many were lost while they had a row.
    private static func round(
        _ number: Int, _ place: Place, _ metadata: MemoryMetadata
    ) async throws -> Int {
        var lost = 0
        for index in 0..<digestCount {
            let bytes = Pattern(byteCount: 2_000, seed: UInt32(number * 100 + index))
                .bytes(0..<2_000)
            let digest = try await place.store(bytes)
            let row = Rows.row("\(number)/\(index)", digest, byteCount: bytes.count)
            try await metadata.store(row, facts: [])
            for _ in 0..<3 {
                let isThere = try await place.holds(digest)
                let read = try await place.blobs.read(digest, at: 0, count: bytes.count)
                if !isThere || read != bytes { lost += 1 }
                await Task.yield()
            }
            // A day passes without the row.
            try await metadata.remove(row.key)
            place.age(digest, seconds: 86_400)
        }
        return lost
    }
}
