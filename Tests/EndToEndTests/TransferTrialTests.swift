import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Many files, each with another thing wrong with its transfer; a soak sets more rounds.
    @Suite(.serialized)
    struct TransferTrials {
        /// One file and the wrong answer that it gets first.
        private struct Trial: Sendable {
            let name: String
            let file: Upstream.File
            let wrong: OriginAnswer
            /// What the second request gets, and all after it.
            var rest: OriginAnswer?
        }

        private static let rounds = max(1, Machine.rounds / 10)

        private static func file(_ number: Int, _ bytes: [UInt8]) -> Upstream.File {
            Upstream.File(
                name: "trial-\(number)-py3-none-any.whl", body: .bytes(bytes),
                sha256: sha256(bytes), byteCount: bytes.count)
        }

        /// No trial ends with a whole body while its answer is wrong, nothing is stored, and each ends
        /// with the right one afterwards.
        private static func run(_ trials: [Trial]) async throws {
            let upstream = try Upstream()
            try await run(trials, upstream)
        }

        private static func run(_ trials: [Trial], _ upstream: Upstream) async throws {
            upstream.publish("trial", trials.map(\.file))
            for trial in trials {
                let answers = [trial.wrong] + (trial.rest.map { [$0] } ?? [])
                upstream.origin.route(trial.file.path) { _, earlier in
                    answers[min(earlier, answers.count - 1)]
                }
            }
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            try await each(trials) { trial in
                let got = try await larder.get(trial.file.target)
                #expect(!got.isGood, "\(trial.name), \(trial.file.byteCount) bytes")
            }
            #expect(try home.damage().wrong == [])
            for trial in trials {
                #expect(!home.holds(trial.file.sha256), "\(trial.name)")
                upstream.origin.route(trial.file.path, trial.file.answer)
            }
            try await eventually("nothing staged", within: 5) {
                home.staged.isEmpty ? true : nil
            }
            try await each(trials) { trial in
                let got = try await larder.get(trial.file.target)
                #expect(got.isGood, "\(trial.name): \(got.testDescription)")
                #expect(sha256(got.body) == trial.file.sha256, "\(trial.name)")
            }
            #expect(try home.damage().wrong == [])
        }

        /// Eight at a time.
        private static func each(
            _ trials: [Trial], _ work: @escaping @Sendable (Trial) async throws -> Void
        ) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for start in 0..<8 {
                    group.addTask {
                        for index in stride(from: start, to: trials.count, by: 8) {
                            try await work(trials[index])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test(
            "U-1: cut at 1 %, at half, at 99 % and before the last byte, however the length is told",
            .timeLimit(.minutes(max(2, Machine.rounds / 25))))
        func cuts() async throws {
            print("transfer trials: seed \(Machine.seed), \(12 * Self.rounds) cuts")
            var random = SeededGenerator(seed: Machine.seed)
            let framings: [(String, OriginAnswer.Framing)] = [
                ("Content-Length", .length), ("chunks", .chunked), ("until closed", .close),
            ]
            var trials: [Trial] = []
            for _ in 0..<Self.rounds {
                for (framingName, framing) in framings {
                    for percent in [1, 50, 99, 100] {
                        let count = Int.random(in: 200...200_000, using: &random)
                        let seed = UInt32.random(in: 1 ... .max, using: &random)
                        let bytes = Pattern(byteCount: count, seed: seed).bytes
                        let position = min(count * percent / 100, count - 1)
                        let kind: OriginAnswer.Cut.Kind =
                            Bool.random(using: &random) ? .reset : .close
                        let wrong = OriginAnswer.bytes(bytes).with(\.framing, framing)
                            .with(\.cut, .init(afterByteCount: position, kind: kind))
                        trials.append(
                            Trial(
                                name: "\(framingName), \(percent) %",
                                file: Self.file(trials.count, bytes), wrong: wrong))
                    }
                }
            }
            try await Self.run(trials)
        }

        @Test(
            "U-2: the right length and a wrong first byte, a wrong last one, or another file",
            .timeLimit(.minutes(max(2, Machine.rounds / 25))))
        func wrongBytes() async throws {
            print("transfer trials: seed \(Machine.seed), \(12 * Self.rounds) wrong files")
            var random = SeededGenerator(seed: Machine.seed)
            var trials: [Trial] = []
            for _ in 0..<4 * Self.rounds {
                let count = Int.random(in: 1...200_000, using: &random)
                for name in ["first byte", "last byte", "other file"] {
                    let seed = UInt32.random(in: 1 ... .max, using: &random)
                    // Files that differ, or a right copy of one would be stored for another.
                    let number = UInt32(trials.count)
                    let bytes =
                        Pattern(byteCount: count, seed: seed).bytes
                        + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
                    let wrong: [UInt8] =
                        switch name {
                        case "first byte": [~bytes[0]] + bytes.dropFirst()
                        case "last byte": bytes.dropLast() + [~bytes[bytes.count - 1]]
                        default: bytes.map(~)
                        }
                    trials.append(
                        Trial(
                            name: name, file: Self.file(trials.count, bytes),
                            wrong: .bytes(wrong)))
                }
            }
            try await Self.run(trials)
        }

        @Test(
            "U-8: a broken body whose rest is another file's, another part or none: never spliced",
            .timeLimit(.minutes(max(2, Machine.rounds / 25))))
        func splices() async throws {
            print("transfer trials: seed \(Machine.seed), \(12 * Self.rounds) rests")
            var random = SeededGenerator(seed: Machine.seed)
            var trials: [Trial] = []
            for _ in 0..<2 * Self.rounds {
                for kind in Rest.allCases {
                    let count = Int.random(in: 100_000...300_000, using: &random)
                    let seed = UInt32.random(in: 1 ... .max, using: &random)
                    let bytes = Pattern(byteCount: count, seed: seed).bytes
                    let position = Int.random(in: 1..<count, using: &random)
                    let first = OriginAnswer.entity(.bytes(bytes), tag: "\"first\"")
                        .with(\.isConditional, false)
                        .with(\.cut, .init(afterByteCount: position, kind: .reset))
                    trials.append(
                        Trial(
                            name: "\(kind) from \(position)", file: Self.file(trials.count, bytes),
                            wrong: first, rest: kind.answer(bytes, position)))
                }
            }
            let upstream = try Upstream()
            try await Self.run(trials, upstream)
            // The wrong rests were asked for, and not just whole files again.
            let asked = trials.count { trial in
                upstream.ledger.requests(to: trial.file.path).contains { request in
                    request.headers["range"] != nil && request.headers["if-range"] == "\"first\""
                }
            }
            print("transfer trials: \(asked) of \(trials.count) rests were asked for")
            #expect(asked > trials.count / 2)
        }

        /// What is answered to a request for the rest of a body.
        private enum Rest: CaseIterable {
            case otherTag, noTag, otherPart, otherBytes, notModified, otherWhole

            func answer(_ bytes: [UInt8], _ position: Int) -> OriginAnswer {
                let count = bytes.count
                let rest = OriginAnswer(206, .bytes(Array(bytes[position...])))
                let range = ("Content-Range", "bytes \(position)-\(count - 1)/\(count)")
                let tag = ("ETag", "\"first\"")
                return switch self {
                case .otherTag: rest.with(\.fields, [range, ("ETag", "\"second\"")])
                case .noTag: rest.with(\.fields, [range])
                case .otherPart:
                    rest.with(
                        \.fields,
                        [("Content-Range", "bytes 0-\(count - position - 1)/\(count)"), tag])
                case .otherBytes:
                    OriginAnswer(206, .bytes(bytes[position...].map(~)), fields: [range, tag])
                case .notModified: OriginAnswer(304, fields: [("ETag", "\"second\"")])
                case .otherWhole: OriginAnswer(200, .bytes(bytes.map(~)), fields: [tag])
                }
            }
        }
    }
}
