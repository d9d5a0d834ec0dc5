import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Indexes of Helm's repositories as they are, very large ones, and such as are none.
    @Suite(.serialized)
    struct HelmIndexes {
        private static let good = """
            apiVersion: v1
            entries:
              demo:
              - {name: demo, version: 1.0.0, urls: [demo-1.0.0.tgz]}
            """

        /// The settings of one repository for each origin, validated at each request.
        private static func settings(_ origins: [OriginStub]) -> String {
            let lines = zip(0..., origins).map { number, origin in
                "    r\(number): {url: \"\(origin.base)/charts\", private_addresses: true}\n"
            }
            return "cache: {fresh_seconds: 0}\nhelm:\n  repositories:\n" + lines.joined()
        }

        @Test(
            "M-1: a bomb costs a second of a core and 64 MiB at most, and the old index stays",
            .timeLimit(.minutes(10)))
        func bombs() async throws {
            let bombs = IndexBomb.known + IndexBomb.expensive
            let origins = try bombs.map { _ in try OriginStub() }
            for origin in origins {
                origin.route("/charts/index.yaml", .text(Self.good, type: "text/yaml"))
            }
            let larder = try await LarderHome(upstream: nil, settings: Self.settings(origins))
                .start()
            let old = try await larder.get("/helm/r0/index.yaml")
            try #require(old.isGood && old.text.contains("demo-1.0.0.tgz"))
            for number in origins.indices {
                #expect(try await larder.get("/helm/r\(number)/index.yaml").body == old.body)
            }
            let memory = larder.anonymousByteCount
            for (number, bomb) in zip(0..., bombs) {
                // The same work takes more of a processor that others use as well.
                var seconds = Double.infinity
                for _ in 0..<3 where seconds > 1 {
                    let cost = try await Self.drop(bomb, number, origins[number], larder, old)
                    print("bomb, \(bomb): \(cost), \(memory >> 20) MiB before")
                    #expect(cost.peakByteCount - memory <= 64 << 20, "\(bomb)")
                    seconds = min(seconds, cost.processorSeconds)
                }
                #expect(seconds <= 1, "\(bomb)")
                origins[number].stop()
            }
        }

        /// What it costs to refuse a bomb; the old index is served meanwhile and behind it.
        private static func drop(
            _ bomb: IndexBomb, _ number: Int, _ origin: OriginStub, _ larder: Larder,
            _ old: Exchange
        ) async throws -> Larder.Cost {
            let target = "/helm/r\(number)/index.yaml"
            let refusals = refusals(of: number, by: larder, bomb.sentence).count
            let requests = origin.ledger.count("/charts/index.yaml")
            origin.route("/charts/index.yaml", .bytes(bomb.text()))
            let (answer, cost) = try await larder.measured {
                let answer = try await larder.get(target)
                try await eventually("\(bomb) is refused", within: 60) {
                    // What is announced as too long is not even read.
                    let isSeen =
                        bomb.isAnnouncedAsTooLong
                        ? origin.ledger.count("/charts/index.yaml") > requests
                        : Self.refusals(of: number, by: larder, bomb.sentence).count > refusals
                    return isSeen ? true : nil
                }
                return answer
            }
            #expect(answer.isGood && answer.body == old.body, "\(bomb): \(answer)")
            // Else the next look would read the bomb again, beside the next one.
            origin.route("/charts/index.yaml", .text(good, type: "text/yaml"))
            let later = try await larder.get(target)
            #expect(later.isGood && later.body == old.body, "\(bomb): \(later)")
            return cost
        }

        /// What the log says of a repository's indexes that were refused.
        private static func refusals(
            of number: Int, by larder: Larder, _ sentence: String
        ) -> [String] {
            larder.log.split(separator: "\n").map(String.init).filter {
                $0.contains("\"helm/r\(number)\"") && $0.contains("\"fault\"")
                    && $0.contains(sentence)
            }
        }

        @Test(
            "25 MB: read and rewritten once for each change, at 4 times their size in memory",
            .timeLimit(.minutes(4)))
        func large() async throws {
            let text = HelmCorpus.inflated(try HelmCorpus.bytes(of: HelmCorpus.largest), 6)
            let changed = Array(
                String(decoding: text, as: UTF8.self)
                    .replacing("c0-airflow:", with: "c0-airflows:").utf8)
            #expect(text.count > 25_000_000 && changed.count == text.count + 1)
            let origin = try OriginStub()
            origin.route("/charts/index.yaml", .entity(.bytes(text), tag: "\"one\""))
            let home = try LarderHome(upstream: nil, settings: Self.settings([origin]))
            let larder = try await home.start()
            let memory = larder.anonymousByteCount
            let (first, cost) = try await larder.measured {
                try await larder.get("/helm/r0/index.yaml")
            }
            print("index of \(text.count) bytes: \(cost), \(memory >> 20) MiB before")
            #expect(first.isGood && first.headers["content-type"] == "application/json")
            #expect(cost.peakByteCount - memory < 4 * text.count)
            // Fetched, checked and stored, and then rewritten.
            #expect(cost.processorSeconds < 4)
            for _ in 0..<3 {
                #expect(try await larder.get("/helm/r0/index.yaml").body == first.body)
            }
            #expect(try await larder.metric("larder_renderings_total") == 1)
            origin.route("/charts/index.yaml", .entity(.bytes(changed), tag: "\"two\""))
            try await eventually("the changed index is served", within: 60, pause: 50) {
                let answer = try await larder.get("/helm/r0/index.yaml")
                return answer.isGood && answer.body.count == first.body.count + 1 ? true : nil
            }
            #expect(try await larder.get("/helm/r0/index.yaml").body != first.body)
            #expect(try await larder.metric("larder_renderings_total") == 2)
            let whole = origin.ledger.requests.filter { $0.headers["if-none-match"] != "\"two\"" }
            #expect(whole.count { $0.headers["if-none-match"] == nil } == 1)
            #expect(try home.damage().wrong.isEmpty)
        }

        @Test(
            "100 parallel cold requests for 25 MB: one fetch, one rewrite, the same bytes",
            .timeLimit(.minutes(4)))
        func crowd() async throws {
            let text = HelmCorpus.inflated(try HelmCorpus.bytes(of: HelmCorpus.largest), 6)
            let origin = try OriginStub()
            origin.route("/charts/index.yaml", .entity(.bytes(text), tag: "\"one\""))
            // Another server says what the answer must be: it depends on upstream's bytes alone.
            let other = try await LarderHome(upstream: nil, settings: Self.settings([origin]))
                .start()
            let expected = try await other.get("/helm/r0/index.yaml").body
            try await other.stop()
            let home = try LarderHome(
                upstream: nil,
                settings: Self.settings([origin])
                    .replacing("fresh_seconds: 0", with: "fresh_seconds: 300"))
            let larder = try await home.start()
            let (result, growth) = try await Crowd.run(
                100,
                of: Crowd.Body(
                    target: "/helm/r0/index.yaml", period: expected, byteCount: expected.count),
                from: larder)
            print("index crowd: \(result.right) right, RssAnon grew by \(growth >> 20) MiB")
            #expect(result.right == 100)
            #expect(result.faults == [])
            #expect(growth < 4 * text.count)
            #expect(origin.ledger.count("/charts/index.yaml") == 2)
            #expect(try await larder.metric("larder_renderings_total") == 1)
            #expect(try home.damage().wrong.isEmpty)
        }
    }
}
