import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Every npm client installs the same tree of real packages through the server.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMInstalls {
        @Test("the upstream of these tests by itself, without the server", .timeLimit(.minutes(1)))
        func direct() async throws {
            let upstream = try NPMUpstream()
            let project = try NPMProject(.npm11, dependencies: upstream.packages.sample)
            let installed = try await project.install(from: upstream.registry)
            #expect(installed == upstream.packages.tree)
            #expect(installed.count >= 60)
        }

        @Test(
            "N2.14 (10): cold, warm without the upstream, warm after a restart, from a lock file on an empty cache",
            .timeLimit(.minutes(3)), arguments: NPMClient.all)
        func install(_ client: NPMClient) async throws {
            let upstream = try NPMUpstream()
            let home = try LarderHome(npm: upstream)
            var larder = try await home.start()
            let registry = larder.registry
            let project = try NPMProject(client, dependencies: upstream.packages.sample)
            let tree = upstream.packages.tree
            #expect(try await project.install(from: larder.registry) == tree)
            Self.expectLocked(project, by: larder.registry, upstream.packages)
            Self.expectEachOnce(upstream)

            upstream.stop()
            let count = upstream.connectionCount
            let second = try NPMProject(client, dependencies: upstream.packages.sample)
            #expect(try await second.install(from: larder.registry) == tree)
            #expect(try await larder.stop() == .exit(0))
            // On another port: somebody may have taken the old one meanwhile.
            larder = try await home.start()
            let third = try NPMProject(client, dependencies: upstream.packages.sample)
            #expect(try await third.install(from: larder.registry) == tree)
            try project.moveLock(from: registry, to: larder.registry)
            #expect(third.lock == project.lock)
            #expect(upstream.connectionCount == count)
            #expect(try home.damage().wrong == [])
            try await installLocked(project, from: larder.registry)
        }

        /// Installs from the project's lock file through a server that has nothing stored.
        private func installLocked(_ project: NPMProject, from registry: String) async throws {
            let upstream = try NPMUpstream()
            let home = try LarderHome(npm: upstream)
            let larder = try await home.start()
            try project.moveLock(from: registry, to: larder.registry)
            let lock = project.lock
            let installed = try await project.install(from: larder.registry, isLocked: true)
            #expect(installed == upstream.packages.tree)
            #expect(project.lock == lock)
            Self.expectEachOnce(upstream)
            #expect(try home.damage().wrong == [])
        }

        /// The lock file holds every package's usual address at the registry, or none at all.
        private static func expectLocked(
            _ project: NPMProject, by registry: String, _ packages: NPMPackages
        ) {
            guard project.client.program != .berry else {
                #expect(!project.lock.contains("__archiveUrl"))
                #expect(project.lockedURLs == [])
                return
            }
            let tarballs = packages.tree.compactMap { try? packages.tarball($0.key, $0.value) }
            #expect(project.lockedURLs == Set(tarballs.map { registry + $0.canonicalPath }))
        }

        /// One request for each document and each tarball, and every tarball was asked for.
        private static func expectEachOnce(_ upstream: NPMUpstream) {
            #expect(upstream.repeated == [:])
            let packages = upstream.packages
            let missing = packages.tree.filter { name, version in
                (try? packages.tarball(name, version)).map(upstream.count) != 1
            }
            #expect(missing == [:])
        }

        @Test(
            "a second installer at the same time as the first costs the upstream nothing",
            .timeLimit(.minutes(2)))
        func together() async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let sample = upstream.packages.sample
            let one = try NPMProject(.npm11, dependencies: sample)
            let other = try NPMProject(.bun, dependencies: sample)
            async let first = one.install(from: larder.registry)
            async let second = other.install(from: larder.registry)
            #expect(try await first == upstream.packages.tree)
            #expect(try await second == upstream.packages.tree)
            Self.expectEachOnce(upstream)
        }

        @Test(
            "N2.14 (6): stale packuments install while the registry fails", .timeLimit(.minutes(2)),
            arguments: [nil, .unavailable, .blackhole] as [NPMUpstream.Fault?])
        func stale(_ fault: NPMUpstream.Fault?) async throws {
            let upstream = try NPMUpstream()
            let home = try LarderHome(npm: upstream, variables: ["LARDER_FRESH_SECONDS": "1"])
            let larder = try await home.start()
            let dependencies = ["micromatch": "*", "qs": "*"]
            let project = try NPMProject(.npm11, dependencies: dependencies)
            let cold = try await project.install(from: larder.registry)
            #expect(cold["micromatch"] == upstream.packages.tree["micromatch"])
            if let fault { upstream.fail(fault) } else { upstream.stop() }
            try await eventually("the packument is stale") {
                let packument = try await larder.get("/npm/qs")
                #expect(packument.status == 200)
                return packument.headers["cache-status"]?.contains("fwd=stale") == true
                    ? true : nil
            }
            let again = try NPMProject(.npm11, dependencies: dependencies)
            #expect(try await again.install(from: larder.registry) == cold)
            #expect(try await larder.metric("larder_stale_responses_total") > 0)
        }

        @Test(
            "an upstream that breaks off once in every tarball: npm, which does not retry, notices nothing",
            .timeLimit(.minutes(2)), arguments: NPMClient.npms)
        func breaking(_ client: NPMClient) async throws {
            let upstream = try NPMUpstream()
            for tarball in upstream.packages.tarballs { try upstream.interrupt(tarball) }
            let home = try LarderHome(npm: upstream)
            let larder = try await home.start()
            let dependencies = ["micromatch": "*", "form-data": "*", "@jridgewell/source-map": "*"]
            let project = try NPMProject(client, dependencies: dependencies)
            let installed = try await project.install(from: larder.registry)
            #expect(Set(installed.keys).isSuperset(of: dependencies.keys))
            #expect(try home.damage().wrong == [])
        }
    }
}
