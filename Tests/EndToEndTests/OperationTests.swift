import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// The commands that operators run beside a running server.
    @Suite(.serialized)
    struct Operations {
        /// Runs a command with the settings of a server.
        private static func run(
            _ words: String..., at home: LarderHome
        ) async throws -> ChildProcess.Outcome {
            try await home.run(words)
        }

        private static func home(
            _ upstream: Upstream, fresh seconds: Int = 600
        ) throws -> LarderHome {
            try LarderHome(
                upstream: upstream.index, variables: ["LARDER_FRESH_SECONDS": "\(seconds)"])
        }

        @Test("refresh: a running server asks at once, fresh or not", .timeLimit(.minutes(1)))
        func refresh() async throws {
            let upstream = try Upstream()
            try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try Self.home(upstream)
            let larder = try await home.start()
            let page = "/pypi/simple/held/"
            let old = try await larder.get(page)
            #expect(old.isGood)
            let newer = try upstream.publish("held", Pattern(byteCount: 2_000, seed: 7))
            #expect(try await larder.get(page).body == old.body)

            let outcome = try await Self.run("refresh", page, at: home)
            #expect(outcome.isGood, "\(outcome.output)")
            try await eventually("the new page") {
                let text = try await larder.get(page).text
                return text.contains(newer.sha256) ? true : nil
            }
            #expect(upstream.repeated(below: Upstream.page("held")).values.max() == 2)
        }

        @Test(
            "purge: a document and a file are fetched anew, and their bytes are gone",
            .timeLimit(.minutes(1)))
        func purge() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try Self.home(upstream)
            var larder = try await home.start()
            let page = "/pypi/simple/held/"
            #expect(try await larder.get(page).isGood)
            #expect(try await larder.get(file.target).isGood)
            // The last bytes are sent a moment before the row is written.
            let outcome = try await eventually("it is stored, and purged", pause: 50) {
                let outcome = try await Self.run("purge", file.target, at: home)
                return outcome.isGood ? outcome : nil
            }
            #expect(outcome.output.contains("digest"))
            try await eventually("the bytes are gone") { home.holds(file.sha256) ? nil : true }
            #expect(try await larder.get(file.target).isGood)
            #expect(upstream.repeated(below: file.path) == [file.path: 2])

            // With the server stopped the command frees the bytes itself.
            try await larder.stop()
            #expect(try await Self.run("purge", file.target, at: home).isGood)
            #expect(!home.holds(file.sha256))
            #expect(try await Self.run("purge", page, at: home).isGood)
            #expect(try await Self.run("purge", page, at: home).ending == .exit(1))
            upstream.origin.stop()
            larder = try await home.start()
            #expect(try await larder.get(page).status == 503)
            #expect(try home.damage().wrong == [])
        }

        @Test(
            "a drill: nothing is asked, all that is stored is served; metrics, log and page say so",
            .timeLimit(.minutes(1)))
        func drill() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try Self.home(upstream, fresh: 1)
            let larder = try await home.start()
            let page = "/pypi/simple/held/"
            let fresh = try await larder.get(page)
            #expect(try await larder.get(file.target).isGood)
            #expect(try await larder.metric("larder_drill") == 0)

            let start = try await Self.run("drill", "start", "pypi", at: home)
            #expect(start.isGood, "\(start.output)")
            #expect(start.output.contains("pypi  cut off since 20"))
            try await eventually("the server knows") {
                try await larder.metric("larder_drill{upstream=\"pypi\"}") == 1 ? true : nil
            }
            let asked = upstream.ledger.requests.count
            // It comes to a second, after which the page is stale.
            try await eventually("a stale page") {
                let stale = try await larder.get(page)
                #expect(stale.body == fresh.body)
                return stale.headers["cache-status"]?.contains("fwd=stale") == true ? true : nil
            }
            #expect(try await larder.get(file.target).isGood)
            #expect(try await larder.get("/pypi/simple/cold/").status == 503)
            #expect(upstream.ledger.requests.count == asked)
            #expect(try await larder.metric("larder_upstream_up{upstream=\"pypi\"}") == 0)
            #expect(
                try await larder.metric("larder_requests_served_during_outage_total") >= 2)
            let front = try await larder.get("/").text
            #expect(front.contains("pypi is cut off by a drill"))
            #expect(front.contains("pypi does not answer properly since 20"))
            try await larder.settleLog()
            #expect(larder.events("drill-began").map { $0["upstream"] } == ["pypi"])

            let stop = try await Self.run("drill", "stop", at: home)
            #expect(stop.isGood && stop.output.contains("no upstream is cut off"))
            // The next probe goes out five seconds after the last one.
            try await eventually("the outage ends") {
                _ = try await larder.get(page)
                return larder.events("outage-ended").first
            }
            let ended = try #require(larder.events("outage-ended").first)
            try await larder.settleLog()
            #expect((ended["served"].flatMap { Int($0) } ?? 0) >= 2, "\(ended)")
            #expect(larder.events("drill-ended").map { $0["upstream"] } == ["pypi"])
            #expect(upstream.ledger.requests.count > asked)
            let healed = try await larder.get("/").text
            #expect(!healed.contains("drill") && !healed.contains("properly"))
        }

        @Test("an outage's row outlives a kill in its middle", .timeLimit(.minutes(1)))
        func outageOverRestart() async throws {
            let upstream = try Upstream()
            try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try Self.home(upstream, fresh: 1)
            var larder = try await home.start()
            let page = "/pypi/simple/held/"
            #expect(try await larder.get(page).isGood)
            upstream.origin.route(Upstream.page("held"), OriginAnswer(500))
            try await eventually("an outage") {
                _ = try await larder.get(page)
                return larder.events("outage-began").first
            }
            let count =
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]);"
                + "print(c.execute('select count(*) from outages').fetchone()[0])"
            try await eventually("its row is written", pause: 50) {
                let words = ["python3", "-c", count, home.store + "/larder.sqlite"]
                return try await ChildProcess.run(words).output == "1\n" ? true : nil
            }
            try await larder.kill()
            larder = try await home.start()
            try await eventually("the outage is known") {
                try await larder.get("/").text.contains("pypi does not answer properly")
                    ? true : nil
            }
            try upstream.publish("held", Pattern(byteCount: 1_000))
            try await eventually("the outage ends") {
                _ = try await larder.get(page)
                return larder.events("outage-ended").first
            }
            #expect(larder.events("outage-ended").first?["upstream"] == "pypi")
        }

        struct Misuse: Sendable, CustomTestStringConvertible {
            let words: [String]
            let status: Int32
            /// A part of what is printed.
            let says: String
            var testDescription: String { words.joined(separator: " ") }
        }

        static let misuses: [Misuse] = [
            Misuse(words: ["accept"], status: 0, says: "nothing is held back"),
            Misuse(
                words: ["accept", "/pypi/simple/held/"], status: 1,
                says: "no newer version of /pypi/simple/held/ is held back"),
            Misuse(words: ["accept", "/none"], status: 2, says: "/none: larder has no such path"),
            Misuse(words: ["refresh"], status: 2, says: "needs a RESOURCE"),
            Misuse(
                words: ["refresh", "/npm/n/-/n-1.0.0.tgz"], status: 2, says: "which never changes"),
            Misuse(
                words: ["purge", "/pypi/simple/none/"], status: 1,
                says: "/pypi/simple/none/ is not stored"),
            Misuse(words: ["drill"], status: 0, says: "no upstream is cut off"),
            Misuse(
                words: ["drill", "start", "pyp"], status: 2,
                says: "unknown upstream \"pyp\"; did you mean pypi?"),
            Misuse(words: ["drill", "stop", "npn"], status: 2, says: "did you mean npm?"),
        ]

        @Test("what cannot be done is said, with its exit status", .timeLimit(.minutes(1)))
        func misuse() async throws {
            let upstream = try Upstream()
            try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try Self.home(upstream)
            let early = try await home.run(["accept"])
            #expect(early.ending == .exit(1))
            #expect(early.output.contains("there is no database"))
            let larder = try await home.start()
            #expect(try await larder.get("/pypi/simple/held/").isGood)
            for row in Self.misuses {
                let outcome = try await home.run(row.words)
                #expect(outcome.ending == .exit(row.status), "\(row): \(outcome.output)")
                #expect(outcome.output.contains(row.says), "\(row): \(outcome.output)")
            }
        }
    }
}
