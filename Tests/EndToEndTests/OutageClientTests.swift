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
            .timeLimit(.minutes(3)), arguments: [Client.newestPip, .uv])
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
            .timeLimit(.minutes(3)))
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
            .timeLimit(.minutes(3)), arguments: HelmClient.all)
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
        private static func expectSameSpeed(_ installation: Installation) async throws {
            var larder = try await installation.home.start()
            let cold = try await installation.install(larder)
            #expect(!cold.isEmpty)
            var healthy = 0.0
            for _ in 0..<2 {
                var installed: [String] = []
                let time = try await milliseconds {
                    installed = try await installation.install(larder)
                }
                #expect(installed == cold)
                healthy = max(healthy, time)
            }
            var lines = ["healthy \(Int(healthy)) ms"]
            for row in rows {
                try installation.fail(row.fault)
                for state in ["warm", "restarted"] {
                    if state == "restarted" {
                        try await larder.kill()
                        larder = try await installation.home.start()
                    }
                    var installed: [String] = []
                    let time = try await milliseconds {
                        installed = try await installation.install(larder)
                    }
                    #expect(installed == cold, "\(row.name), \(state)")
                    lines.append("\(row.name) \(state) \(Int(time)) ms")
                    #expect(time < healthy + 2_000, "\(row.name), \(state): \(time) ms")
                }
                // The next outage begins with a server that knows of none.
                try installation.fail(nil)
                try await larder.kill()
                larder = try await installation.home.start()
            }
            print("outages: \(installation.name): \(lines.joined(separator: ", "))")
            #expect(try installation.home.damage().wrong == [])
        }
    }
}
