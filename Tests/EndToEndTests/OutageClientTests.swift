import Foundation
import Support
import Testing

extension EndToEnd {
    /// Real clients install what is stored, while the upstream fails in the main ways.
    @Suite(
        .serialized,
        .enabled(
            if: Client.areInstalled && NPMClient.areInstalled && HelmClient.areInstalled,
            "scripts/clients could not get every client"))
    struct OutageClients {
        static let rows: [OutageRow] = [.refused, .blackholed, .unavailable, .garbage]

        /// An install of one client: what it is made of, and how it is done anew.
        private struct Installation {
            let name: String
            let origins: [OriginStub]
            let home: LarderHome
            /// Installs with a client that has nothing yet; what was installed, in some order.
            let install: (Larder) async throws -> [String]

            func fail(_ fault: Fault?) throws {
                for origin in origins { try origin.fail(fault) }
            }
        }

        /// Every document is stale at once.
        private static let variables = ["LARDER_FRESH_SECONDS": "0"]

        @Test(
            "warm pip and uv, in the outage and after a restart in it: 2 s longer at most",
            .timeLimit(.minutes(10)), arguments: [Client.newestPip, .uv])
        func python(_ client: Client) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let home = try LarderHome(upstream: upstream.index, variables: Self.variables)
            try await Self.expectSameSpeed(
                Installation(name: client.name, origins: [upstream.origin], home: home) { larder in
                    try await client.install(["requests"], from: larder.index).sorted()
                })
        }

        @Test(
            "warm npm, in the outage and after a restart in it: 2 s longer at most",
            .timeLimit(.minutes(10)))
        func npm() async throws {
            let upstream = try NPMUpstream()
            let home = try LarderHome(npm: upstream, variables: Self.variables)
            let origins = [upstream.origin, upstream.files]
            try await Self.expectSameSpeed(
                Installation(name: "npm 11", origins: origins, home: home) { larder in
                    let dependencies = upstream.packages.sample
                    let project = try NPMProject(.npm11, dependencies: dependencies)
                    let installed = try await project.install(
                        from: larder.registry, arguments: ["--no-audit"])
                    return installed.map { "\($0.key) \($0.value)" }.sorted()
                })
        }

        @Test(
            "warm Helm, in the outage and after a restart in it: 2 s longer at most",
            .timeLimit(.minutes(10)), arguments: HelmClient.all)
        func helm(_ client: HelmClient) async throws {
            let upstream = try await HelmUpstream(packedBy: client)
            let home = try LarderHome(helm: upstream, variables: Self.variables)
            let origins = [upstream.origin, upstream.files]
            try await Self.expectSameSpeed(
                Installation(name: client.name, origins: origins, home: home) { larder in
                    let scratch = try TemporaryFolder()
                    let folder = scratch.path
                    let url = "http://127.0.0.1:\(larder.port)/helm/acme"
                    let steps = [
                        ["repo", "add", "acme", url], ["repo", "update"],
                        ["pull", "acme/web", "--version", "1.1.0"],
                        ["pull", "acme/common", "--version", "1.0.0"],
                    ]
                    for step in steps {
                        try await client.helm(step, home: folder, folder: folder)
                    }
                    return try ["web-1.1.0.tgz", "common-1.0.0.tgz"].map { file in
                        "\(file) \(sha256(try TemporaryFolder.bytes(of: "\(folder)/\(file)")))"
                    }
                })
        }

        /// Compares warm installs with a failing upstream to those with a healthy one.
        ///
        /// Where another process has the machine, an install is late without the upstream: of each kind
        /// the quickest counts, of eight comparisons at most.
        private static func expectSameSpeed(_ installation: Installation) async throws {
            let larder = try await installation.home.start()
            let stored = try await installation.install(larder)
            try await larder.kill()
            #expect(!stored.isEmpty)
            var lines: [String] = []
            for row in rows {
                var late = Double.infinity
                var least = (healthy: late, warm: late, restarted: late)
                for _ in 0..<8 where late > 2_000 {
                    let times = try await compare(installation, stored, row.fault)
                    least.healthy = min(least.healthy, times.healthy)
                    least.warm = min(least.warm, times.warm)
                    least.restarted = min(least.restarted, times.restarted)
                    late = max(least.warm, least.restarted) - least.healthy
                    lines.append(
                        "\(row.name): healthy \(Int(times.healthy)) ms, warm \(Int(times.warm)) ms, "
                            + "restarted \(Int(times.restarted)) ms")
                }
                #expect(late <= 2_000, "\(row.name): \(lines)")
            }
            print("outages: \(installation.name): \(lines.joined(separator: "; "))")
            #expect(try installation.home.damage().wrong == [])
        }

        /// Milliseconds of three installs of what is stored: of a healthy upstream, of a failing one,
        /// and of that after a restart.
        private static func compare(
            _ installation: Installation, _ stored: [String], _ fault: Fault
        ) async throws -> (healthy: Double, warm: Double, restarted: Double) {
            try installation.fail(nil)
            var larder = try await installation.home.start()
            func time() async throws -> Double {
                var installed: [String] = []
                let time = try await milliseconds {
                    installed = try await installation.install(larder)
                }
                #expect(installed == stored)
                return time
            }
            let healthy = try await time()
            try installation.fail(fault)
            let warm = try await time()
            try await larder.kill()
            larder = try await installation.home.start()
            let restarted = try await time()
            try await larder.kill()
            return (healthy, warm, restarted)
        }
    }
}
