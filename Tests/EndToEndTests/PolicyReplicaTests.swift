import Foundation
import Support
import Testing

extension EndToEnd {
    /// Three servers learn of malware that one command imports.
    @Suite(
        .serialized,
        .enabled(
            if: ReplicaBed.isPossible, "PostgreSQL, PgBouncer and SeaweedFS are not all installed"))
    struct PolicyReplicas {
        @Test(
            "R-5: a release is blocked while 200 clients download it through three servers",
            .timeLimit(.minutes(5)))
        func blocked() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("sample", Pattern(byteCount: 2 << 20, seed: 5))
            let bed = try await ReplicaBed(upstream: upstream.index)
            let larders = try await bed.start()
            let folder = try TemporaryFolder()
            let record = try folder.write(
                "{\"id\":\"MAL-2026-2\",\"affected\":[{\"package\":"
                    + "{\"ecosystem\":\"PyPI\",\"name\":\"sample\"},\"versions\":[\"1.0\"]}]}",
                to: "MAL-2026-2.json")
            for larder in larders {
                #expect(try await larder.get(file.target).status == 200)
            }
            let statuses = Watched<[Int: Int]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<200 {
                    let port = larders[client % larders.count].port
                    group.addTask {
                        // Until it is refused: what is under way may finish.
                        while true {
                            let got = try await Exchange.get(file.target, from: port, within: 120)
                            statuses.update { $0[got.status, default: 0] += 1 }
                            if got.status != 200 { return }
                            #expect(sha256(got.body) == file.sha256)
                        }
                    }
                }
                let taken = try await bed.homes[0].run(["policy", "import", record])
                #expect(taken.isGood)
                let imported = ContinuousClock.now
                for larder in larders {
                    try await eventually("it is refused") {
                        try await larder.get(file.target).status == 403 ? true : nil
                    }
                }
                let lasted = ContinuousClock.now - imported
                print("R-5: refused everywhere after", lasted)
                #expect(lasted < .seconds(10))
                try await group.waitForAll()
            }
            #expect(Set(statuses.value.keys) == [200, 403])
            #expect(statuses.value[403] == 200)
            try await ReplicaBed.stop(larders)
        }
    }
}
