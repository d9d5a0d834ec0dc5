import Foundation
import Support
import Testing

extension EndToEnd {
    /// New processes in the place of old ones, one after the other, while clients go on.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible && Client.areInstalled && NPMClient.areInstalled
                && LoadBalancer.isInstalled,
            "PostgreSQL, PgBouncer, SeaweedFS, haproxy, pip and npm are not all installed"))
    struct Rolling {
        private let wheels: Upstream
        private let packages: NPMUpstream

        init() throws {
            wheels = try Upstream()
            try wheels.publishWheels()
            packages = try NPMUpstream()
        }

        @Test(
            "a rolling restart of three servers behind haproxy: pip, npm and plain requests never fail",
            .timeLimit(.minutes(5)))
        func restart() async throws {
            let bed = try await ReplicaBed(
                upstream: wheels.index, settings: "drain_delay_seconds: 3\n" + packages.settings)
            var larders = try await bed.start()
            let ports = larders.map(\.port)
            let front = try await LoadBalancer(before: ports)
            for port in ports { try await front.sends(to: port) }
            let isOver = Watched(false)
            let counts = Watched((pip: 0, npm: 0, plain: 0))
            let load = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        repeat {
                            try await python(front.port)
                            counts.update { $0.pip += 1 }
                        } while !isOver.value
                    }
                    group.addTask {
                        repeat {
                            try await node(front.port)
                            counts.update { $0.npm += 1 }
                        } while !isOver.value
                    }
                    group.addTask {
                        repeat {
                            let answer = try await Exchange.get(
                                "/pypi/simple/flask/", from: front.port)
                            #expect(answer.isGood, "\(answer.testDescription)")
                            counts.update { $0.plain += 1 }
                        } while !isOver.value
                    }
                    try await group.waitForAll()
                }
            }
            try await eventually("clients are at work", within: 60) {
                counts.value.pip > 0 && counts.value.npm > 0 ? true : nil
            }
            for number in larders.indices {
                let before = counts.value
                #expect(try await larders[number].stop() == .exit(0))
                larders[number] = try await bed.homes[number].start(port: ports[number])
                try await front.sends(to: ports[number])
                // Each of them is away while real clients work.
                try await eventually("clients went on", within: 60) {
                    let now = counts.value
                    return now.pip + now.npm > before.pip + before.npm + 1 ? true : nil
                }
            }
            isOver.update { $0 = true }
            try await load.value
            let total = counts.value
            print("rolling: \(total.pip) of pip, \(total.npm) of npm, \(total.plain) requests")
            #expect(total.pip >= 3 && total.npm >= 2)
            try await ReplicaBed.stop(larders)
        }

        private func python(_ port: Int) async throws {
            let index = "http://127.0.0.1:\(port)/pypi/simple/"
            // No second chance within a client either.
            let names = try await Client.newestPip.install(
                ["--retries", "0", "flask"], from: index)
            #expect(Set(names.map { $0.split(separator: "-")[0].lowercased() }) == Clients.projects)
        }

        private func node(_ port: Int) async throws {
            let project = try NPMProject(.npm11, dependencies: packages.packages.sample)
            let registry = "http://127.0.0.1:\(port)/npm"
            #expect(try await project.install(from: registry) == packages.packages.tree)
        }
    }
}
