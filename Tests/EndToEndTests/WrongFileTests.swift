import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Files that arrive otherwise than promised.
    @Suite(.serialized)
    struct WrongFiles {
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            var byteCount = 300_000
            let answer: @Sendable ([UInt8]) -> OriginAnswer
        }

        private static let loginPage = OriginAnswer.text(
            "<!DOCTYPE html><html><body><form>Log in</form></body></html>", type: "text/html")

        static let rows: [Row] = [
            Row(testDescription: "first byte wrong") { .bytes([~$0[0]] + $0.dropFirst()) },
            Row(testDescription: "last byte wrong") { .bytes($0.dropLast() + [~$0[$0.count - 1]]) },
            Row(testDescription: "last byte wrong, small file", byteCount: 5_000) {
                .bytes($0.dropLast() + [~$0[$0.count - 1]])
            },
            Row(testDescription: "one byte missing") { .bytes($0.dropLast()) },
            Row(testDescription: "shorter than its Content-Length") {
                OriginAnswer.bytes($0.dropLast(1_000)).with(\.framing, .declared($0.count))
            },
            Row(testDescription: "reset in the middle") {
                OriginAnswer.bytes($0)
                    .with(\.cut, .init(afterByteCount: $0.count / 2, kind: .reset))
            },
            Row(testDescription: "closed in the middle of its chunks") {
                OriginAnswer.bytes(Array($0.dropLast(1_000))).with(\.framing, .chunkedWithoutEnd)
            },
            Row(testDescription: "one byte too many") { .bytes($0 + [0]) },
            Row(testDescription: "a megabyte too much, in chunks") {
                OriginAnswer.bytes($0 + [UInt8](repeating: 0, count: 1 << 20))
                    .with(\.framing, .chunked)
            },
            Row(testDescription: "an end that never comes") { _ in .endlessBody },
            Row(testDescription: "login page with 200") { _ in loginPage },
            Row(testDescription: "empty with 200") { _ in .bytes([]) },
        ]

        @Test(
            "never a whole wrong body, nothing stored, and the next request may succeed",
            .timeLimit(.minutes(1)), arguments: rows)
        func wrongFile(_ row: Row) async throws {
            let upstream = try Upstream()
            let kept = try upstream.publish("kept", Pattern(byteCount: 70_000, seed: 3))
            let pattern = Pattern(byteCount: row.byteCount, seed: 5)
            let file = try upstream.publish("broken", pattern)
            let wrong = row.answer(pattern.bytes)
            upstream.origin.route(file.path, wrong)
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            #expect(try await larder.get(kept.target).isGood)

            let failed = try await larder.get(file.target, within: 40)
            #expect(!failed.isGood, "\(failed.status), \(failed.body.count) bytes")
            if failed.isComplete {
                #expect([502, 503].contains(failed.status))
                #expect(failed.text.contains("upstream"), "\(failed.text)")
            } else if failed.status == 200 {
                #expect(failed.body.count < row.byteCount)
            }
            // Neither what was promised nor what came.
            try await home.settleStaging(row.testDescription)
            #expect(!home.holds(file.sha256))
            if case .bytes(let bytes) = wrong.body { #expect(!home.holds(sha256(bytes))) }
            #expect(try home.damage().wrong == [])
            #expect(try await larder.get(kept.target).isGood)

            upstream.origin.route(file.path, file.answer)
            let right = try await eventually("a right copy", within: 15, pause: 100) {
                let exchange = try await larder.get(file.target)
                return exchange.isGood ? exchange : nil
            }
            #expect(sha256(right.body) == file.sha256)
            #expect(try home.damage().wrong == [])
        }

        @Test(
            "an upstream that hangs: an error of its own before the client gives up",
            .timeLimit(.minutes(2)))
        func hanging() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("hung", Pattern(byteCount: 300_000))
            upstream.origin.route(file.path, .blackhole)
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            var failed: Exchange?
            let time = try await milliseconds {
                failed = try await larder.get(file.target, within: 90)
            }
            print("wrong files: a hanging upstream answered after \(time / 1_000) s")
            #expect([502, 503].contains(failed?.status))
            #expect(failed?.headers["retry-after"] != nil)
            try await home.settleStaging("hanging")
        }

        @Test("a body that stalls: broken, never whole", .timeLimit(.minutes(2)))
        func stalling() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("stalled", Pattern(byteCount: 300_000))
            let cut = OriginAnswer.Cut(afterByteCount: 200_000, kind: .stall)
            // Without a tag, so that nothing says that the rest would be of the same file.
            upstream.origin.route(file.path, OriginAnswer(200, file.body).with(\.cut, cut))
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            let failed = try await larder.get(file.target, within: 90)
            #expect(!failed.isGood)
            try await home.settleStaging("stalling")
            #expect(try home.damage().wrong == [])
        }

        @Test(
            "A16.14 a body that breaks off three times is resumed each time; no client notices",
            .timeLimit(.minutes(1)))
        func resuming() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("resumed", Pattern(byteCount: 4 << 20))
            let cut = OriginAnswer.Cut(afterByteCount: 1_200_000, kind: .reset)
            upstream.origin.route(file.path, file.answer.with(\.cut, cut))
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            for _ in 0..<2 {
                let whole = try await larder.get(file.target, within: 40)
                #expect(whole.isGood)
                #expect(sha256(whole.body) == file.sha256)
            }
            let ranges = upstream.ledger.requests(to: file.path).map { $0.headers["range"] }
            #expect(ranges.first == .some(nil) && ranges.count >= 4)
            #expect(ranges.dropFirst().allSatisfy { $0?.hasPrefix("bytes=") == true })
            try await home.settleStaging("resumed")
            #expect(try home.damage().wrong == [])
        }
    }
}
