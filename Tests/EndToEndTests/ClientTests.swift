import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// pip and uv install real wheels through the server.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client and wheel"))
    struct Clients {
        struct Row: Sendable, CustomTestStringConvertible {
            let client: Client
            let form: Upstream.Form
            var testDescription: String { "\(client.name), \(form.rawValue) index" }

            /// What one wheel costs.
            ///
            /// pip 22.3 looks for metadata only under a key that pages in JSON must not have
            /// (PEP 714), so it reads the wheel instead.
            var each: Traffic {
                Traffic(pages: 1, metadata: client == .firstPip ? 0 : 1, files: 1)
            }
        }

        static let rows = Upstream.Form.allCases.flatMap { form in
            Client.installers.map { Row(client: $0, form: form) }
        }
        /// What flask brings with it.
        static let projects: Set = [
            "blinker", "click", "flask", "itsdangerous", "jinja2", "markupsafe", "werkzeug",
        ]

        private static func names(_ folders: Set<String>) -> Set<String> {
            Set(folders.map { $0.split(separator: "-")[0].lowercased() })
        }

        @Test(
            "A16.19 cold, warm without the upstream, warm after a restart; one request for each file",
            .timeLimit(.minutes(3)), arguments: rows)
        func install(_ row: Row) async throws {
            let upstream = try Upstream(row.form)
            try upstream.publishWheels()
            let home = try LarderHome(upstream: upstream.index)
            var larder = try await home.start()
            let expected = Self.projects.count * row.each
            var cold: Set<String> = []
            let traffic = try await larder.traffic(expecting: expected) {
                cold = try await row.client.install(["flask"], from: larder.index)
            }
            #expect(Self.names(cold) == Self.projects)
            #expect(traffic == expected)
            #expect(upstream.traffic() == expected)
            #expect(upstream.repeated(below: "/") == [:])

            upstream.origin.stop()
            let count = upstream.ledger.connectionCount
            #expect(try await row.client.install(["flask"], from: larder.index) == cold)
            #expect(try await larder.stop() == .exit(0))
            larder = try await home.start()
            #expect(try await row.client.install(["flask"], from: larder.index) == cold)
            #expect(upstream.ledger.connectionCount == count)
            #expect(try home.damage().wrong.isEmpty)
        }

        @Test(
            "an index URL without its last slash", .timeLimit(.minutes(3)),
            arguments: Client.installers)
        func withoutSlash(_ client: Client) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let larder = try await LarderHome(upstream: upstream.index).start()
            let index = String(larder.index.dropLast())
            let installed = try await client.install(["six"], from: index)
            #expect(installed.count == 1)
            #expect(upstream.repeated(below: "/") == [:])
        }

        @Test(
            "a second installer after the first one is a hit for every file",
            .timeLimit(.minutes(3)))
        func together() async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let larder = try await LarderHome(upstream: upstream.index).start()
            async let first = Client.uv.install(["requests"], from: larder.index)
            async let second = Client.newestPip.install(["requests"], from: larder.index)
            let (one, other) = try await (first, second)
            #expect(one == other)
            #expect(Self.names(one).contains("urllib3"))
            #expect(upstream.repeated(below: "/") == [:])
        }

        @Test(
            "stale pages install while the upstream is gone", .timeLimit(.minutes(3)),
            arguments: [Client.newestPip, .uv])
        func stale(_ client: Client) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let home = try LarderHome(
                upstream: upstream.index, variables: ["LARDER_FRESH_SECONDS": "1"])
            let larder = try await home.start()
            let cold = try await client.install(["requests"], from: larder.index)
            upstream.origin.stop()
            try await eventually("the page is stale") {
                let page = try await larder.get("/pypi/simple/requests/")
                return page.headers["cache-status"]?.contains("fwd=stale") == true ? true : nil
            }
            #expect(try await client.install(["requests"], from: larder.index) == cold)
            #expect(try await larder.metric("larder_stale_responses_total") > 0)
        }

        @Test(
            "an upstream that breaks off once in every file", .timeLimit(.minutes(3)),
            arguments: [Client.newestPip, .uv])
        func breaking(_ client: Client) async throws {
            let upstream = try Upstream()
            for file in try upstream.publishWheels().values {
                let cut = OriginAnswer.Cut(afterByteCount: file.byteCount / 2, kind: .reset)
                upstream.origin.route(file.path, file.answer.with(\.cut, cut), file.answer)
            }
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            let installed = try await client.install(["requests"], from: larder.index)
            #expect(installed.count == 5)
            #expect(try home.damage().wrong == [])
        }

        @Test(
            "--require-hashes with nothing stored", .timeLimit(.minutes(3)), arguments: rows)
        func requireHashes(_ row: Row) async throws {
            let upstream = try Upstream(row.form)
            let wheels = try upstream.publishWheels()
            let lines = Self.projects.compactMap { project in
                wheels[project].map { file in
                    let version = file.name.split(separator: "-")[1]
                    return "\(project)==\(version) --hash=sha256:\(file.sha256)"
                }
            }
            let scratch = try TemporaryFolder()
            let lock = try scratch.write(
                lines.sorted().joined(separator: "\n") + "\n", to: "lock.txt")
            let larder = try await LarderHome(upstream: upstream.index).start()
            // With hashes pip takes no metadata but that of the wheel.
            let metadata = row.client == .uv ? 1 : 0
            let expected = Self.projects.count * Traffic(pages: 1, metadata: metadata, files: 1)
            let traffic = try await larder.traffic(expecting: expected) {
                let installed = try await row.client.install(
                    ["--require-hashes", "-r", lock], from: larder.index)
                #expect(Self.names(installed) == Self.projects)
            }
            #expect(traffic == expected)
            #expect(upstream.traffic() == expected)
            #expect(upstream.repeated(below: "/") == [:])
        }
    }
}
