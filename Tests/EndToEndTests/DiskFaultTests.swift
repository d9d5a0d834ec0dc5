import Foundation
import Support
import Testing

extension EndToEnd {
    /// The n-th call of a kind fails, for one n after the other.
    @Suite(.serialized, .enabled(if: Machine.canTrace, "strace is missing or may not trace"))
    struct DiskFaults {
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let calls: String
            let error: String
            var path: String?
            /// The highest n of the full count, and of a quick one: each thread counts for itself, so
            /// that high numbers do not always come.
            let limit: Int
            let quickLimit: Int
        }

        static let rows: [Row] = [
            Row(
                testDescription: "K-3: the n-th write fails with ENOSPC", calls: "pwrite64",
                error: "ENOSPC", limit: 200, quickLimit: 40),
            Row(
                testDescription: "K-3: the n-th write fails with EIO", calls: "pwrite64",
                error: "EIO", limit: 50, quickLimit: 40),
            Row(
                testDescription: "K-4: the n-th fsync of a file or folder fails with EIO",
                calls: "fsync", error: "EIO", limit: 12, quickLimit: 6),
            Row(
                testDescription: "K-4: the n-th fdatasync of the database fails with EIO",
                calls: "fdatasync", error: "EIO", limit: 6, quickLimit: 2),
            Row(
                testDescription: "B-6: the n-th write of the database's log fails with ENOSPC",
                calls: "pwrite64", error: "ENOSPC", path: "larder.sqlite-wal", limit: 100,
                quickLimit: 40),
        ]

        @Test(
            "K-3, K-4, B-6: the n-th call fails, and no file is published that was not whole",
            .timeLimit(.minutes(max(3, Machine.faults))), arguments: rows)
        func nth(_ row: Row) async throws {
            var random = SeededGenerator(seed: Machine.seed)
            let isFull = Machine.faults >= row.limit
            let numbers =
                isFull
                ? Array(1...row.limit)
                : Array((1...row.quickLimit).shuffled(using: &random).prefix(Machine.faults))
            let bed = try FaultBed(row)
            try await bed.warm()
            for number in numbers {
                // Every other time the fault stays.
                try await bed.round("\(number)" + (number.isMultiple(of: 2) ? "+" : ""))
            }
            // Which thread writes is the system's choice, and strace counts the calls of each: its first one
            // is the likeliest to come.
            var more = 0
            while bed.counted.value * 3 < numbers.count, more < 20 {
                more += 1
                try await bed.round("1", more)
            }
            try await bed.finish()
            print(
                "\(row.testDescription): LARDER_SEED=\(Machine.seed), \(numbers.count) rounds,",
                "\(bed.counted.value) with a fault, \(bed.faults.value) faults,",
                "\(bed.refused.value) starts refused")
            // Only rounds in which the fault came have shown anything.
            #expect(bed.counted.value * 3 >= numbers.count)
        }
    }
}

/// One home through all rounds of a kind of fault.
private final class FaultBed: Sendable {
    private let row: EndToEnd.DiskFaults.Row
    private let upstream: Upstream
    private let home: LarderHome
    private let files = Watched<[Upstream.File]>([])
    let counted = Watched(0)
    let faults = Watched(0)
    let refused = Watched(0)

    init(_ row: EndToEnd.DiskFaults.Row) throws {
        self.row = row
        upstream = try Upstream()
        home = try LarderHome(upstream: upstream.index)
    }

    func warm() async throws {
        let larder = try await home.start()
        try await home.expectAll(try publish("warm"), from: larder, "warm")
        try await larder.stop()
    }

    private func publish(_ name: String) throws -> [Upstream.File] {
        let sizes = [3_000, 60_000, 700_000, 2_000_000]
        let new = try sizes.indices.map { index in
            let seed = UInt32(files.value.count + index + 1)
            return try upstream.publish(
                "\(name)x\(index)", Pattern(byteCount: sizes[index], seed: seed))
        }
        files.update { $0 += new }
        return new
    }

    /// New files through a server whose calls fail from a certain one on, or once; `number` tells
    /// several rounds with the same call apart.
    func round(_ when: String, _ number: Int = 0) async throws {
        let name = "\(row.testDescription), n = \(when), LARDER_SEED=\(Machine.seed)"
        let injection = Injection(
            calls: row.calls, fault: "error=\(row.error)", when: when, path: row.path,
            traced: row.path == nil ? "fsync,renameat2,unlinkat" : "")
        let new = try publish(
            "n\(when.filter(\.isNumber))\(when.hasSuffix("+") ? "p" : "")x\(number)")
        let larder = try home.launch(under: injection)
        let isUp = try await eventually("\(name): listens or ends") {
            larder.process.ending != nil ? false : larder.listens() ? true : nil
        }
        var failed: [String] = []
        if isUp {
            failed = try await fetch(new, from: larder, name)
            try await home.expectAll([files.value[2]], from: larder, "a hit, \(name)")
            #expect(try await larder.stop() == .exit(0), "\(name)")
        } else {
            #expect(larder.process.ending == .exit(2), "\(name): \(larder.log)")
            #expect(larder.log.hasPrefix("larder: "), "\(name): \(larder.log)")
            #expect(larder.log.split(separator: "\n").count == 1, "\(name): \(larder.log)")
            refused.update { $0 += 1 }
        }
        let trace = try await Trace(of: larder)
        faults.update { $0 += trace.injected.count }
        counted.update { $0 += trace.injected.isEmpty ? 0 : 1 }
        expectUnpublished(trace, name)
        // strace cannot leave out files in memory, which no disk fills: those failures are none of ours.
        guard !trace.injected.contains(where: { $0.contains("memfd:") }) else { return }
        #expect(failed == [], "\(name): \(trace.injected.prefix(3))")
    }

    /// O1: whoever gets a whole body gets the right one.
    ///
    /// - Returns: What did not come.
    private func fetch(
        _ new: [Upstream.File], from larder: Larder, _ name: String
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: String?.self) { group in
            for file in new {
                group.addTask {
                    let got = try await larder.get(file.target)
                    #expect(
                        !got.isGood || sha256(got.body) == file.sha256, "O1, \(name), \(file.name)")
                    return got.isGood ? nil : "\(file.name): \(got.testDescription)"
                }
            }
            return try await group.reduce(into: []) { failed, one in
                if let one { failed.append(one) }
            }
        }
    }

    /// What could not be written or synced is not published, and not synced again (rule I7).
    private func expectUnpublished(_ trace: Trace, _ name: String) {
        for line in trace.injected {
            guard let staged = Trace.stagedName(in: line) else { continue }
            let later = trace.lines.filter { $0.contains(staged) }
            let published = later.filter { $0.contains(" renameat2(") && $0.hasSuffix("= 0") }
            #expect(published == [], "\(name): \(line)")
            guard line.contains(" fsync(") else { continue }
            #expect(later.filter { $0.contains(" fsync(") }.count == 1, "\(name): \(line)")
        }
    }

    func finish() async throws {
        let larder = try await home.start()
        try await home.expectSound(files.value, from: larder, row.testDescription)
        try await larder.stop()
    }
}
