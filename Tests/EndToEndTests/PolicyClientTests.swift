import Foundation
import Support
import Testing

extension EndToEnd {
    /// Real clients and what the policy keeps from them.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client and wheel"))
    struct PolicyClients {
        private static func time(daysAgo days: Double) -> String {
            ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: -days * 86_400))
        }

        /// Publishes a project with an old release and one of yesterday.
        private static func publish(on upstream: Upstream) async throws {
            var files = try await Wheels.make("sample==1.0", "sample==2.0")
            files[0].uploadTime = time(daysAgo: 100)
            files[1].uploadTime = time(daysAgo: 1)
            upstream.publish("sample", files)
        }

        static let installers = [Client.firstPip, .newestPip, .uv]

        @Test(
            "pip and uv: the release before one that is too young; with an exception the new one",
            .timeLimit(.minutes(3)), arguments: installers)
        func age(_ client: Client) async throws {
            let upstream = try Upstream()
            try await Self.publish(on: upstream)
            let folder = try TemporaryFolder()
            let file = try folder.write("# nothing yet\n", to: "policy.yaml")
            let larder = try await LarderHome(
                upstream: upstream.index,
                settings: "policy: {minimum_age: 7d, file: \(file)}\n"
            ).start()
            let old = try await client.install(["sample"], from: larder.index)
            #expect(old == ["sample-1.0.dist-info"])
            _ = try folder.write(
                "exceptions: [{package: \"pypi:sample\", versions: \"==2.0\", reason: a fix}]\n",
                to: "policy.yaml")
            larder.process.signal(SIGHUP)
            try await eventually("the policy is read again") {
                larder.events("policy-loaded").isEmpty ? nil : true
            }
            let new = try await client.install(["sample"], from: larder.index)
            #expect(new == ["sample-2.0.dist-info"])
            _ = try folder.write("blocked: []\n", to: "policy.yaml")
            larder.process.signal(SIGHUP)
            try await eventually("the bad policy is refused") {
                larder.events("policy-refused").isEmpty ? nil : true
            }
            #expect(try await client.install(["sample"], from: larder.index) == new)
        }

        @Test(
            "pip and uv: a blocked release is passed over, and whoever insists is told why",
            .timeLimit(.minutes(3)), arguments: installers)
        func blocked(_ client: Client) async throws {
            let upstream = try Upstream()
            try await Self.publish(on: upstream)
            let folder = try TemporaryFolder()
            let file = try folder.write(
                "block: [{package: \"pypi:Sample\", versions: \">=2\", reason: it eats files}]\n",
                to: "policy.yaml")
            let larder = try await LarderHome(
                upstream: upstream.index, settings: "policy: {file: \(file)}\n"
            ).start()
            let old = try await client.install(["sample"], from: larder.index)
            #expect(old == ["sample-1.0.dist-info"])
            let (outcome, installed) = try await client.attempt(
                ["sample==2.0"], from: larder.index)
            #expect(!outcome.isGood && installed == [])
            #expect(outcome.output.contains("it eats files"), "\(outcome.output)")
            #expect(try await larder.metric("larder_policy_refusals_total") > 0)
        }

        @Test(
            "an audit log that cannot be written is told of once and counted, and all is served",
            .timeLimit(.minutes(1)))
        func lostAudit() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("sample", Pattern(byteCount: 1_000))
            let larder = try await LarderHome(
                upstream: upstream.index, settings: "audit: {file: /dev/full}\n"
            ).start()
            #expect(try await larder.get("/pypi/simple/sample/").isGood)
            for count in 1...3 {
                #expect(try await larder.get(file.target).isGood)
                try await eventually("the line is lost") {
                    try await larder.metric("larder_lost_audit_lines") == Double(count)
                        ? true : nil
                }
            }
            #expect(larder.events("audit-failure").count == 1)
        }

        @Test(
            "malware that is stored already is refused after the import, and listed by it",
            .timeLimit(.minutes(3)))
        func malware() async throws {
            let upstream = try Upstream()
            try await Self.publish(on: upstream)
            let folder = try TemporaryFolder()
            let audit = folder.path + "/audit.jsonl"
            let home = try LarderHome(
                upstream: upstream.index, settings: "audit: {file: \(audit)}\n")
            let larder = try await home.start()
            let client = Client.newestPip
            #expect(
                try await client.install(["sample"], from: larder.index)
                    == ["sample-2.0.dist-info"])
            let record = try folder.write(
                """
                {"id":"MAL-2026-1","affected":[{"package":{"ecosystem":"PyPI","name":"sample"},\
                "versions":["2.0"]}]}
                """, to: "MAL-2026-1.json")
            let taken = try await home.run(["policy", "import", record])
            #expect(taken.isGood && taken.output.contains("stored, and refused from now on"))
            try await eventually("the malware is listed") {
                larder.events("malware-listed").isEmpty ? nil : true
            }
            #expect(
                try await client.install(["sample"], from: larder.index)
                    == ["sample-1.0.dist-info"])
            let (outcome, _) = try await client.attempt(["sample==2.0"], from: larder.index)
            #expect(outcome.output.contains("MAL-2026-1"), "\(outcome.output)")
            let checked = try await home.run(["policy", "check", "/pypi/simple/sample/"])
            #expect(checked.ending == .exit(1) && checked.output.contains("MAL-2026-1"))
            #expect(try await larder.stop() == .exit(0))
            let lines = String(decoding: try TemporaryFolder.bytes(of: audit), as: UTF8.self)
                .split(separator: "\n")
            #expect(lines.contains { $0.contains("served") && $0.contains("sample-2.0") })
            #expect(lines.contains { $0.contains("refused") && $0.contains("MAL-2026-1") })
        }
    }
}
