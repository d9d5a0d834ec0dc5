import Foundation
import Support
import Testing

extension EndToEnd {
    /// The server on a real bucket, SeaweedFS.
    @Suite(
        .serialized,
        .enabled(
            if: SeaweedServer.isInstalled || Machine.mustRunAll,
            "scripts/clients installs SeaweedFS"))
    struct Bucket {
        private static func variables(_ server: SeaweedServer) -> [String: String] {
            [
                "STORAGE_URL": "s3://\(SeaweedServer.bucket)/e2e?endpoint=\(server.endpoint)",
                "AWS_ACCESS_KEY_ID": SeaweedServer.keyID,
                "AWS_SECRET_ACCESS_KEY": SeaweedServer.secret,
            ]
        }

        @Test(
            "what one process stored is served by the next from the bucket alone, without upstream",
            .timeLimit(.minutes(3)))
        func lostFolder() async throws {
            let server = try await onThread { try SeaweedServer() }
            let upstream = try Upstream()
            let home = try LarderHome(
                upstream: upstream.index, variables: Self.variables(server))
            let files = try [("small", 40_000), ("large", 3_000_000)].map { name, size in
                try upstream.publish(name, Pattern(byteCount: size, seed: 7))
            }
            var larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            let page = try await larder.get("/pypi/simple/large/")
            try await eventually("the self test says what the bucket promises") {
                larder.events("bucket").first
            }
            #expect(larder.events("bucket").first?["promises"] == "all that is needed")
            // What the bucket did not take at once is uploaded when it does.
            try await eventually("nothing is pending") {
                try await larder.metric("larder_pending_uploads") == 0 ? true : nil
            }
            try await larder.stop()

            let tier = home.store + "/tier"
            #expect(!TemporaryFolder.files(below: tier + "/blobs").isEmpty)
            try FileManager.default.removeItem(atPath: tier)
            upstream.origin.stop()
            larder = try await home.start()
            for file in files { try await Self.fetch(file, from: larder) }
            let again = try await larder.get("/pypi/simple/large/")
            #expect(again.isGood)
            #expect(again.body == page.body)
            #expect(larder.events("bucket-down").isEmpty)
            try await larder.stop()
        }

        @Test(
            "without the bucket files of this machine are served, and others come from upstream",
            .timeLimit(.minutes(3)))
        func outage() async throws {
            let server = try await onThread { try SeaweedServer() }
            let upstream = try Upstream()
            let home = try LarderHome(
                upstream: upstream.index, variables: Self.variables(server))
            let hot = try upstream.publish("hot", Pattern(byteCount: 300_000, seed: 1))
            let late = try upstream.publish("late", Pattern(byteCount: 300_000, seed: 2))
            let larder = try await home.start()
            try await Self.fetch(hot, from: larder)
            #expect(try await larder.get("/readyz").text == "ready\n")
            try await onThread { server.stop() }
            try await Self.fetch(late, from: larder)
            try await Self.fetch(hot, from: larder)
            try await Self.fetch(late, from: larder)
            let state = try await larder.get("/readyz")
            #expect(state.isGood)
            #expect(state.text == "ready, degraded: the bucket does not answer\n")
            #expect(try await larder.metric("larder_bucket_up") == 0)
            #expect(try await larder.metric("larder_pending_uploads") >= 1)
            #expect(larder.events("bucket-down").count == 1)
            try await larder.stop()

            // Neither folder nor bucket: all of it is passed through from upstream.
            try FileManager.default.removeItem(atPath: home.store + "/tier")
            let bare = try await home.start()
            #expect(try await bare.get("/pypi/simple/hot/").isGood)
            try await Self.fetch(hot, from: bare)
            try await Self.fetch(late, from: bare)
            try await bare.stop()
        }

        private static func fetch(_ file: Upstream.File, from larder: Larder) async throws {
            let exchange = try await larder.get(file.target)
            #expect(exchange.isGood, "\(exchange.status) \(file.name)")
            #expect(sha256(exchange.body) == file.sha256)
        }
    }
}
