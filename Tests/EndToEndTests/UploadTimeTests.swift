import Foundation
import Support
import Testing

extension EndToEnd {
    /// Clients that take only what was there before a day: they need `upload-time` in pages.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client and wheel"))
    struct UploadTimes {
        private static let limit = "2024-07-01T00:00:00Z"

        /// Publishes a project with a release on either side of the limit.
        private static func publish(on upstream: Upstream) async throws {
            var files = try await Wheels.make("sample==1.0", "sample==2.0")
            files[0].uploadTime = "2024-01-02T03:04:05.000006Z"
            files[1].uploadTime = "2025-01-02T03:04:05Z"
            upstream.publish("sample", files)
        }

        static let installers = Upstream.Form.allCases.flatMap { form in
            [Client.uv, .newestPip].map { Clients.Row(client: $0, form: form) }
        }

        @Test("installing", .timeLimit(.minutes(3)), arguments: installers)
        func install(_ row: Clients.Row) async throws {
            let upstream = try Upstream(row.form)
            try await Self.publish(on: upstream)
            let larder = try await LarderHome(upstream: upstream.index).start()
            let option = row.client == .uv ? "--exclude-newer" : "--uploaded-prior-to"
            let old = try await row.client.install(
                ["sample", option, Self.limit], from: larder.index)
            #expect(old == ["sample-1.0.dist-info"])
            let new = try await row.client.install(["sample"], from: larder.index)
            #expect(new == ["sample-2.0.dist-info"])
        }

        static let lockers = Upstream.Form.allCases.flatMap { form in
            [Client.uv, .poetry, .pdm].map { LockFiles.Row(client: $0, form: form) }
        }

        @Test("locking", .timeLimit(.minutes(3)), arguments: lockers)
        func lock(_ row: LockFiles.Row) async throws {
            let upstream = try Upstream(row.form)
            try await Self.publish(on: upstream)
            let larder = try await LarderHome(upstream: upstream.index).start()
            let project = try Project(
                row.client, [.init("sample")], indexes: ["usual": larder.index])
            if row.client == .poetry {
                // It counts in days before now.
                let limit = try #require(ISO8601DateFormatter().date(from: Self.limit))
                let days = Int(-limit.timeIntervalSinceNow / 86_400)
                try await project.lock(variables: ["POETRY_SOLVER_MIN_RELEASE_AGE": "\(days)"])
            } else {
                try await project.lock(["--exclude-newer", Self.limit])
            }
            #expect(try await project.sync() == ["sample-1.0.dist-info"])
            try await project.lock()
            #expect(try await project.sync() == ["sample-2.0.dist-info"])
        }
    }
}
