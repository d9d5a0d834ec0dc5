import Foundation
import Support
import Testing

extension EndToEnd {
    /// Cold downloads whose clients leave.
    @Suite(.serialized)
    struct Desertion {
        /// A project's one file, of which the upstream sends so much, and the rest on a word.
        private struct Cold: Sendable {
            let file: Upstream.File
            let gate = Gate()

            init(_ project: String, mebibytes: Int, sent: Int, of upstream: Upstream) throws {
                let pattern = Pattern(byteCount: mebibytes << 20, seed: UInt32(mebibytes + sent))
                file = try upstream.publish(project, pattern)
                let cut = OriginAnswer.Cut(afterByteCount: sent << 20, kind: .gate(gate))
                upstream.origin.route(file.path, file.answer.with(\.cut, cut), file.answer)
            }
        }

        private static func begin(_ cold: Cold, _ larder: Larder) async throws -> Download {
            let download = try Download(cold.file.target, from: larder.port, within: 120)
            #expect(try await onThread { download.read(past: 500_000) })
            return download
        }

        @Test(
            "L-5: a cold file nobody waits for: given up, but for a small or half done one",
            .timeLimit(.minutes(2)))
        func alone() async throws {
            let upstream = try Upstream()
            let half = try Cold("half", mebibytes: 48, sent: 25, of: upstream)
            let small = try Cold("small", mebibytes: 16, sent: 1, of: upstream)
            let followed = try Cold("followed", mebibytes: 48, sent: 4, of: upstream)
            let tenth = try Cold("tenth", mebibytes: 50, sent: 5, of: upstream)
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            let follower = try await Self.begin(followed, larder)
            for cold in [half, small, followed, tenth] {
                try await Self.begin(cold, larder).abandon()
            }
            #expect(home.staged.count == 4)
            let begun = ContinuousClock.now
            // A body that stalls would be given up after 30 s.
            try await eventually("one is given up", within: 20, pause: 20) {
                home.staged.count < 4 ? true : nil
            }
            print("desertion: given up after \(begun.duration(to: .now))")
            #expect(home.staged.count == 3)

            // The next request begins anew, and gets all of it.
            let again = try await larder.get(tenth.file.target)
            #expect(again.isGood && sha256(again.body) == tenth.file.sha256)
            #expect(upstream.ledger.count(tenth.file.path) == 2)
            for cold in [half, small, followed, tenth] { cold.gate.open() }
            let whole = try await onThread { follower.rest() }
            #expect(whole.isGood && sha256(whole.body) == followed.file.sha256)
            for cold in [half, small, followed] {
                try await eventually("\(cold.file.name) is stored") {
                    home.holds(cold.file.sha256) ? true : nil
                }
                #expect(try await larder.get(cold.file.target).isGood)
                #expect(upstream.ledger.count(cold.file.path) == 1, "\(cold.file.name)")
            }
            try await eventually("nothing is staged") { home.staged.isEmpty ? true : nil }
            #expect(try home.damage().wrong == [])
        }
    }
}
