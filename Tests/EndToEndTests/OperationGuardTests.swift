import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Operators' commands where they must be careful, and at homes that are not as they should be.
    @Suite(.serialized)
    struct OperationGuards {
        private static let index = "/charts/index.yaml"
        private static let page = "/pypi/simple/held/"

        /// A chart repository's index with so many entries.
        private static func entries(_ count: Int, of name: String = "web") -> OriginAnswer {
            let lines = (0..<count).map {
                "  - {name: \(name), version: 1.\($0).0, urls: [\(name)-1.\($0).0.tgz]}\n"
            }
            return .text(
                "apiVersion: v1\nentries:\n  \(name):\n" + lines.joined(), type: "text/plain")
        }

        private static func home(
            _ repositories: [(name: String, origin: OriginStub)], fresh seconds: Int
        ) throws -> LarderHome {
            let lines = repositories.map { "    \($0.name): {url: \"\($0.origin.base)/charts\"}\n" }
            return try LarderHome(
                upstream: nil, variables: ["LARDER_FRESH_SECONDS": "\(seconds)"],
                settings: "helm:\n  repositories:\n" + lines.joined())
        }

        /// What a statement gives that is run on a home's database, without a server's help.
        private static func database(_ statement: String, _ home: LarderHome) async throws -> String
        {
            let program =
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1],isolation_level=None);"
                + "print(c.execute(sys.argv[2]).fetchone())"
            let words = ["python3", "-c", program, home.store + "/larder.sqlite", statement]
            return try await ChildProcess.run(words).output
        }

        @Test(
            "accept: a held back index is taken, once; what is no index cannot be accepted",
            .timeLimit(.minutes(1)))
        func accept() async throws {
            let origin = try OriginStub()
            origin.route(Self.index, Self.entries(8))
            let home = try Self.home([("acme", origin)], fresh: 1)
            let larder = try await home.start()
            let path = "/helm/acme/index.yaml"
            #expect(try await larder.get(path).text.contains("1.7.0"))
            func isHeld(_ reason: String) async throws {
                try await eventually("it is held back", pause: 50) {
                    _ = try await larder.get(path)
                    let list = try await home.run(["accept"])
                    return list.output.contains("\(path)  \(reason)") ? true : nil
                }
            }
            origin.route(Self.index, .text("entries: [", type: "text/plain"))
            try await isHeld("invalid")
            let refused = try await home.run(["accept", path])
            #expect(refused.ending == .exit(1), "\(refused.output)")
            #expect(refused.output.contains("no document"))

            origin.route(Self.index, Self.entries(3))
            try await isHeld("shrunk")
            #expect(try await larder.get(path).text.contains("1.7.0"))
            let accepted = try await home.run(["accept", path])
            #expect(accepted.isGood, "\(accepted.output)")
            let taken = try await eventually("the shorter one is taken") {
                let exchange = try await larder.get(path)
                return exchange.text.contains("1.7.0") ? nil : exchange
            }
            #expect(taken.isGood && taken.text.contains("1.2.0"))
            #expect(try await home.run(["accept"]).output.contains("nothing is held back"))
            // The next one is judged as ever.
            origin.route(Self.index, Self.entries(1))
            try await isHeld("shrunk")
            #expect(try await larder.get(path).body == taken.body)
        }

        @Test("purge: not the page that keeps a project's files away", .timeLimit(.minutes(1)))
        func purgeRefused() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try LarderHome(
                upstream: upstream.index, variables: ["LARDER_FRESH_SECONDS": "1"])
            let larder = try await home.start()
            #expect(try await larder.get(Self.page).isGood)
            #expect(try await larder.get(file.target).isGood)
            upstream.origin.route(
                Upstream.page("held"),
                .text(
                    #"{"meta":{"api-version":"1.4"},"name":"held","files":[],"#
                        + #""project-status":{"status":"quarantined"}}"#,
                    type: "application/vnd.pypi.simple.v1+json"))
            try await eventually("its files are refused") {
                _ = try await larder.get(Self.page)
                return try await larder.get(file.target).status == 404 ? true : nil
            }
            let outcome = try await home.run(["purge", Self.page])
            #expect(outcome.ending == .exit(1), "\(outcome.output)")
            #expect(outcome.output.contains("larder refresh"))
            #expect(try await larder.get(file.target).status == 404)
            #expect(home.holds(file.sha256))
        }

        @Test(
            "the index of all repositories: refresh asks all of them; it cannot be cut off",
            .timeLimit(.minutes(1)))
        func merged() async throws {
            let (first, second) = (try OriginStub(), try OriginStub())
            first.route(Self.index, Self.entries(1))
            second.route(Self.index, Self.entries(1, of: "tool"))
            let home = try Self.home([("acme", first), ("beta", second)], fresh: 600)
            let larder = try await home.start()
            let path = "/helm/index.yaml"
            #expect(try await larder.get(path).text.contains("tool"))
            second.route(Self.index, Self.entries(2, of: "tool"))
            let outcome = try await home.run(["refresh", path])
            #expect(outcome.isGood, "\(outcome.output)")
            #expect(outcome.output.contains("helm/acme, helm/beta are asked"))
            try await eventually("the new chart is in it") {
                try await larder.get(path).text.contains("tool-1.1.0.tgz") ? true : nil
            }
            let drill = try await home.run(["drill", "start", "helm"])
            #expect(drill.ending == .exit(2))
            #expect(drill.output.contains("there are helm/acme, helm/beta"), "\(drill.output)")
        }

        @Test("an older database is left to the server", .timeLimit(.minutes(1)))
        func olderDatabase() async throws {
            let upstream = try Upstream()
            let home = try LarderHome(upstream: upstream.index)
            try await home.start().stop()
            _ = try await Self.database("PRAGMA user_version = 2", home)
            for words in [["accept"], ["refresh", Self.page], ["drill", "start"]] {
                let outcome = try await home.run(words)
                #expect(outcome.ending == .exit(1), "\(words): \(outcome.output)")
                #expect(outcome.output.contains("start the new server first"))
            }
            #expect(try await Self.database("PRAGMA user_version", home) == "(2,)\n")
        }

        @Test("a data folder that cannot be looked at is not an empty one", .timeLimit(.minutes(1)))
        func unreadable() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("", to: "file")
            let home = try LarderHome(upstream: nil, store: file + "/data")
            let outcome = try await home.run(["accept"])
            #expect(outcome.ending == .exit(1))
            #expect(outcome.output.contains("cannot be used"), "\(outcome.output)")
        }

        @Test("purge makes no store where there is none", .timeLimit(.minutes(1)))
        func purgeWithoutStore() async throws {
            let upstream = try Upstream()
            try upstream.publish("held", Pattern(byteCount: 1_000))
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            #expect(try await larder.get(Self.page).isGood)
            try await larder.stop()
            for name in ["blobs", "staging", "quarantine", "lock"] {
                try FileManager.default.removeItem(atPath: "\(home.store)/\(name)")
            }
            #expect(try await home.run(["purge", Self.page]).isGood)
            for name in ["blobs", "staging", "lock"] {
                #expect(!FileManager.default.fileExists(atPath: "\(home.store)/\(name)"))
            }
        }

        @Test("a drill that goes on already does not begin again", .timeLimit(.minutes(1)))
        func drillTwice() async throws {
            let upstream = try Upstream()
            let home = try LarderHome(upstream: upstream.index)
            try await home.start().stop()
            for _ in 0..<2 { #expect(try await home.run(["drill", "start", "pypi"]).isGood) }
            let count = "SELECT count(*) FROM events WHERE kind = 'drillBegan'"
            #expect(try await Self.database(count, home) == "(1,)\n")
        }
    }
}
