import Foundation
import Testing

extension EndToEnd {
    /// The public index, with the settings that are built in.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client"),
        .enabled("the public index cannot be reached from here") { await PublicIndex.isReachable() }
    )
    struct Live {
        @Test("a few packages from the public index, by name", .timeLimit(.minutes(2)))
        func install() async throws {
            let home = try LarderHome(upstream: nil)
            let larder = try await home.start()
            let cold = try await Client.newestPip.install(["six", "idna"], from: larder.index)
            #expect(cold.count == 2)
            #expect(try await Client.uv.install(["six", "idna"], from: larder.index) == cold)
            #expect(try home.damage().wrong == [])
        }
    }
}

/// The index of the built-in settings, seen through the server.
private enum PublicIndex {
    static func isReachable() async -> Bool {
        do {
            let larder = try await LarderHome(upstream: nil).start()
            return try await larder.get("/pypi/simple/six/", within: 30).isGood
        } catch {
            return false
        }
    }
}
