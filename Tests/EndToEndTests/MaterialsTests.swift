import Foundation
import Support
import Testing

extension EndToEnd {
    /// `larder sbom`: what clients got, from the audit log; and `larder warm` with that.
    @Suite(
        .serialized,
        .enabled(
            if: Client.areInstalled && NPMClient.areInstalled, "scripts/clients lacks a client"))
    struct Materials {
        private static func bill(
            _ log: String, _ home: LarderHome, _ options: [String] = []
        ) async throws -> (file: TemporaryFolder, urls: [String]) {
            let listed = try await home.run(["sbom"] + options + [log])
            #expect(listed.isGood, "\(listed.output)")
            let folder = try TemporaryFolder()
            _ = try folder.write(listed.output, to: "bill.cdx.json")
            let object = try JSONSerialization.jsonObject(with: Data(listed.output.utf8))
            let components = (object as? [String: Any])?["components"] as? [[String: Any]]
            let urls = components?.compactMap { $0["purl"] as? String } ?? []
            #expect(urls.count == components?.count)
            return (folder, urls)
        }

        @Test(
            "what pip fetched is listed, and warms an empty server", .timeLimit(.minutes(2)))
        func pip() async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let folder = try TemporaryFolder()
            let log = folder.path + "/audit.jsonl"
            let home = try LarderHome(
                upstream: upstream.index, variables: ["LARDER_AUDIT_FILE": log])
            let larder = try await home.start()
            // What comes from the store has its digest in the log.
            for _ in 0..<2 {
                let got = try await Client.newestPip.install(
                    ["requests"], from: larder.index, home: try TemporaryFolder())
                #expect(got.count == 5)
            }
            try await larder.stop()
            let (list, urls) = try await Self.bill(log, home)
            #expect(urls.count == 5)
            #expect(urls.contains { $0.hasPrefix("pkg:pypi/charset-normalizer@") })
            #expect(try await Self.bill(log, home, ["--client", "127.0.0.1"]).urls == urls)
            #expect(try await Self.bill(log, home, ["--client", "nobody"]).urls == [])
            #expect(try await Self.bill(log, home, ["--until", "2020-01-01"]).urls == [])

            let second = try LarderHome(upstream: upstream.index)
            let empty = try await second.start()
            let warmed = try await empty.run(["warm", list.path + "/bill.cdx.json"], in: second)
            #expect(warmed.isGood && warmed.output.contains("failed: 0"), "\(warmed.output)")
            upstream.origin.stop()
            let again = try await Client.newestPip.install(
                ["requests"], from: empty.index, home: try TemporaryFolder())
            #expect(again.count == 5)
        }

        /// Lines of an audit log that differ from that of a wheel which somebody got.
        static let lines: [(resource: String, status: Int, bytes: Int, rest: String)] = [
            ("a/got-1.0-py3-none-any.whl", 200, 9, ""),
            ("a/local-2.7.0%2Bcpu-py3-none-any.whl", 200, 9, ""),
            ("a/got-1.0-py3-none-any.whl.metadata", 200, 9, ""),
            ("a/range-1.0-py3-none-any.whl", 206, 9, ""),
            ("a/head-1.0-py3-none-any.whl", 200, 0, ""),
            ("a/failed-1.0-py3-none-any.whl", 502, 9, #","verdict":"would-refuse""#),
            ("a/refused-1.0-py3-none-any.whl", 403, 9, #","verdict":"refused""#),
            ("a/broken-1.0-py3-none-any.whl", 200, 9, #","complete":"false""#),
        ]

        @Test("only what somebody got whole is listed, by its own name", .timeLimit(.minutes(1)))
        func whole() async throws {
            let text = Self.lines.map { line in
                #"{"time":"2026-11-23T15:00:00.123Z","event":"served","client":"192.0.2.1","#
                    + #""ecosystem":"pypi","upstream":"pypi","resource":"\#(line.resource)","#
                    + #""status":\#(line.status),"bytes":\#(line.bytes)\#(line.rest)"#
                    + (line.rest.contains("complete") ? "}\n" : #","complete":"true"}\#n"#)
            }
            let folder = try TemporaryFolder()
            let log = try folder.write(text.joined() + "{\"time\":", to: "audit.jsonl")
            let home = try LarderHome(upstream: "http://127.0.0.1:9/simple/")
            let listed = try await home.run(["sbom", "--since", "2026-11-23T15:00:00Z", log])
            #expect(listed.isGood && listed.output.contains("1 lines are no lines of audit"))
            let read = try NSRegularExpression(pattern: #""purl":"([^"]+)""#)
            let all = NSRange(listed.output.startIndex..., in: listed.output)
            let urls = read.matches(in: listed.output, range: all).compactMap {
                Range($0.range(at: 1), in: listed.output).map { String(listed.output[$0]) }
            }
            #expect(
                urls == [
                    "pkg:pypi/got@1.0?file_name=got-1.0-py3-none-any.whl",
                    "pkg:pypi/local@2.7.0%2Bcpu?file_name=local-2.7.0%2Bcpu-py3-none-any.whl",
                ])
        }

        @Test(
            "what npm fetched is listed, and warms an empty server", .timeLimit(.minutes(2)))
        func npm() async throws {
            let upstream = try NPMUpstream()
            let folder = try TemporaryFolder()
            let log = folder.path + "/audit.jsonl"
            let home = try LarderHome(npm: upstream, variables: ["LARDER_AUDIT_FILE": log])
            let larder = try await home.start()
            let project = try NPMProject(.npm11, dependencies: ["micromatch": "*"])
            let cold = try await project.install(from: larder.registry)
            let port = larder.port
            try await larder.stop()
            let (list, urls) = try await Self.bill(log, home)
            let wanted = cold.map { "pkg:npm/\($0.key)@\($0.value)" }.sorted()
            #expect(urls.sorted() == wanted)

            let second = try LarderHome(npm: upstream)
            let empty = try await second.start(port: port)
            let warmed = try await empty.run(["warm", list.path + "/bill.cdx.json"], in: second)
            #expect(warmed.isGood && warmed.output.contains("failed: 0"), "\(warmed.output)")
            upstream.stop()
            #expect(
                try await project.install(from: empty.registry, isLocked: true) == cold)
        }
    }
}
