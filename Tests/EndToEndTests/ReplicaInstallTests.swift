import Foundation
import Support
import Testing

extension EndToEnd {
    /// Real clients of all registries at three servers with one database and one bucket.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible && Client.areInstalled && NPMClient.areInstalled
                && HelmClient.areInstalled,
            "PostgreSQL, PgBouncer, SeaweedFS and all clients are not all installed"))
    struct ReplicaInstalls {
        private let wheels: Upstream
        private let packages: NPMUpstream
        private let charts: HelmUpstream

        init() async throws {
            wheels = try Upstream()
            try wheels.publishWheels()
            packages = try NPMUpstream()
            charts = try await HelmUpstream(packedBy: .helm4)
        }

        private func python(_ larder: Larder) async throws {
            let names = try await Client.newestPip.install(["flask"], from: larder.index)
                .map { $0.split(separator: "-")[0].lowercased() }
            #expect(Set(names) == Clients.projects)
        }

        private func node(_ larder: Larder) async throws {
            let project = try NPMProject(.npm11, dependencies: packages.packages.sample)
            #expect(try await project.install(from: larder.registry) == packages.packages.tree)
        }

        private func helm(_ larder: Larder) async throws {
            let scratch = try TemporaryFolder()
            let folder = scratch.path
            let client = HelmClient.helm4
            let url = "http://127.0.0.1:\(larder.port)/helm/acme"
            try await client.helm(["repo", "add", "acme", url], home: folder, folder: folder)
            let chart = ["pull", "acme/web", "--version", "1.2.3+build.5"]
            try await client.helm(chart, home: folder, folder: folder)
            let pulled = try TemporaryFolder.bytes(of: folder + "/web-1.2.3+build.5.tgz")
            #expect(try pulled == charts.bytes(of: "charts/web-1.2.3+build.5.tgz"))
        }

        @Test(
            "pip, npm and Helm at three servers: what one stored the others have, also with nothing of their own",
            .timeLimit(.minutes(10)))
        func everywhere() async throws {
            let bed = try await ReplicaBed(
                upstream: wheels.index, settings: packages.settings + charts.settings)
            var larders = try await bed.start()
            try await python(larders[0])
            try await node(larders[1])
            try await helm(larders[2])
            wheels.origin.stop()
            packages.stop()
            charts.stop()
            // Each at the one that was asked for something else.
            try await python(larders[1])
            try await node(larders[2])
            try await helm(larders[0])
            for number in larders.indices {
                larders[number] = try await bed.restartEmpty(number, larders[number])
            }
            try await python(larders[2])
            try await node(larders[0])
            try await helm(larders[1])
            if Replicas.isFull {
                for (number, larder) in larders.enumerated() {
                    larders[number] = try await bed.restartEmpty(number, larder)
                    try await python(larders[number])
                    try await node(larders[number])
                    try await helm(larders[number])
                }
            }
            #expect(wheels.repeated(below: "/") == [:])
            #expect(packages.repeated == [:])
            #expect(charts.counts.values.max() == 1)
            try await ReplicaBed.stop(larders)
        }
    }
}
