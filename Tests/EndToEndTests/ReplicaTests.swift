import Foundation
import Support
import Testing

extension EndToEnd {
    /// Three servers with one database, behind PgBouncer, and one bucket.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible, "PostgreSQL, PgBouncer and SeaweedFS are not all installed"))
    struct Replicas {
        /// As much as issue 7 wants, and not a part of it.
        static let isFull = ProcessInfo.processInfo.environment["LARDER_REPLICAS"] == "full"

        @Test(
            "R-1: three servers, many clients, the same cold files: no wrong byte, and one fetch each",
            .timeLimit(.minutes(15)))
        func cold() async throws {
            let (clients, count) = Self.isFull ? (100, 50) : (15, 16)
            let upstream = try Upstream()
            let files = try upstream.publish(count, "cold", byteCount: 90_000)
            // As long as it takes from far away.
            for file in files {
                let pace = OriginAnswer.Pace(byteCount: 30_000, milliseconds: 60)
                upstream.origin.route(file.path, file.answer.with(\.pace, pace))
            }
            let bed = try await ReplicaBed(upstream: upstream.index)
            let larders = try await bed.start()
            let herd = try await Herd.run(
                clients, of: files, from: larders.map(\.port), withPages: true)
            let transfers = upstream.transfers(of: files).sorted()
            print("R-1:", herd, "transfers", transfers)
            #expect(herd.wrong == [] && herd.others == [:])
            #expect(herd.right == 3 * clients * 2 * count)
            #expect(transfers.last ?? 9 <= 3)
            #expect(transfers[transfers.count / 2] == 1)
            #expect(transfers.first == 1)
            for home in bed.homes { #expect(try Self.damage(home) == []) }
            #expect(try await bed.ask("SELECT count(*) FROM larder_pins") == "\(count)")
            // All is let go of.
            try await eventually("no lease is held") {
                try await bed.ask("SELECT count(*) FROM larder_leases") == "0" ? true : nil
            }
            try await ReplicaBed.stop(larders)
        }

        @Test(
            "L-1: a crowd at three servers, one cold large file: one fetch, and all of it for everybody",
            .timeLimit(.minutes(15)))
        func crowd() async throws {
            let (clients, size) = Self.isFull ? (167, 100 << 20) : (10, 12 << 20)
            let upstream = try Upstream()
            let file = try upstream.publish("large", Pattern(byteCount: size, seed: 7))
            let pace = OriginAnswer.Pace(byteCount: 1 << 20, milliseconds: 8)
            upstream.origin.route(file.path, file.answer.with(\.pace, pace))
            let bed = try await ReplicaBed(upstream: upstream.index)
            let larders = try await bed.start()
            let herd = try await Herd.run(clients, of: [file], from: larders.map(\.port))
            let transfers = upstream.ledger.count(file.path)
            print("L-1:", herd, "transfers", transfers)
            // 50 GB on few cores: who reads too slowly is cut off, as everywhere.
            let lostCount = herd.others.values.reduce(0, +)
            #expect(herd.wrong == [] && lostCount <= (Self.isFull ? 5 : 0))
            #expect(herd.right == 3 * clients - lostCount)
            #expect(transfers <= 3)
            #expect(transfers == 1 || Self.isFull)
            try await ReplicaBed.stop(larders)
        }

        private static func damage(_ home: LarderHome) throws -> [String] {
            let files = TemporaryFolder.files(below: home.store + "/tier/blobs")
            return try files.filter { file in
                sha256(try TemporaryFolder.bytes(of: file)) != (file as NSString).lastPathComponent
            }
        }

        @Test(
            "B-7: three servers that start at once on an empty database all start and serve",
            .timeLimit(.minutes(10)))
        func together() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("first", Pattern(byteCount: 40_000))
            let bed = try await ReplicaBed(upstream: upstream.index)
            for round in 0..<(Self.isFull ? 20 : 3) {
                let homes =
                    round == 0
                    ? bed.homes : try await bed.othersOnEmptyDatabase(upstream: upstream.index)
                let larders = try await ReplicaBed.start(homes)
                let herd = try await Herd.run(1, of: [file], from: larders.map(\.port))
                #expect(herd.right == 3, "\(round): \(herd)")
                try await ReplicaBed.stop(larders)
            }
        }

        @Test(
            "R-3: two servers get different bytes for one name: one pin, and one answer",
            .timeLimit(.minutes(10)))
        func differentBytes() async throws {
            let count = Self.isFull ? 100 : 20
            let upstream = try Upstream()
            let bed = try await ReplicaBed(2, upstream: upstream.index)
            let larders = try await bed.start()
            // Leases keep the two from asking at once; what is right must not depend on them.
            _ = try await bed.ask("ALTER TABLE larder_leases RENAME TO larder_none")
            var conflicts = 0
            for round in 0..<count {
                let bodies = [1, 2].map {
                    Pattern(byteCount: 30_000, seed: UInt32(2 * round + $0)).bytes
                }
                let target = Self.publish(bodies, as: "twice\(round)", at: upstream)
                async let one = larders[0].get(target)
                async let two = larders[1].get(target)
                let answers = [try await one, try await two]
                let served = Set(answers.filter(\.isGood).map { sha256($0.body) })
                #expect(served.count == 1, "\(round): \(answers.map(\.testDescription))")
                #expect(served.isSubset(of: Set(bodies.map { sha256($0) })))
                // Whose bytes are refused may find those of the other stored when it is told so.
                let refused = answers.filter { !$0.isGood }
                #expect(refused.allSatisfy { $0.status == 502 || !$0.isComplete }, "\(round)")
                conflicts += refused.count
                let pins = try await bed.ask(
                    "SELECT string_agg(encode(digest, 'hex'), ' ') FROM larder_pins "
                        + "WHERE position('twice\(round)-'::bytea IN artifact) > 0")
                #expect(pins == served.first)
            }
            print("R-3: \(conflicts) of \(count) clients refused, the others got what is pinned")
            // The other's bytes are refused in every round, whatever their client got.
            let events = "SELECT count(*) FROM larder_events WHERE kind = 'pinConflict'"
            try await eventually("each refusal is told") {
                try await bed.ask(events) == "\(count)" ? true : nil
            }
            try await ReplicaBed.stop(larders)
        }

        /// Publishes a file without a digest, as whose bytes the first who ask get one and the others
        /// another; nobody gets any before two have asked.
        private static func publish(
            _ bodies: [[UInt8]], as project: String, at upstream: Upstream
        ) -> String {
            let name = "\(project)-1.0-py3-none-any.whl"
            let path = "/packages/aa/bb/\(name)"
            let page = """
                {"meta":{"api-version":"1.1"},"name":"\(project)","versions":["1.0"],"files":[\
                {"filename":"\(name)","url":"../..\(path)","hashes":{}}]}
                """
            upstream.origin.route(
                Upstream.page(project),
                .bytes(Array(page.utf8), type: "application/vnd.pypi.simple.v1+json"))
            let both = Gate()
            let asked = Watched(0)
            upstream.origin.route(path) { _, _ in
                let number = asked.update { count in
                    count += 1
                    return count
                }
                if number >= 2 { both.open() }
                return OriginAnswer.bytes(bodies[(number - 1) % 2]).with(\.gate, both)
            }
            return "/pypi" + path
        }
    }
}
