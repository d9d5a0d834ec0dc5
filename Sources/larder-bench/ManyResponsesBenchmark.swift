import Foundation
import Resources
import Support

/// Hits on a hot set of 5,000 files, with a million stored responses and with almost none.
struct ManyResponsesBenchmark: Benchmark {
    let name = "million"
    let programs: PeerPrograms
    private static let responseCount = 1_000_000
    private static let hot = HitsBenchmark.project(2_000, 5_000)

    func run() throws -> [Figure] {
        let registry = try SamplePackages([Self.hot])
        let folders = try (PeerServer.makeFolder(), PeerServer.makeFolder())
        let few = try programs.startLarder(registry, in: folders.0)
        let targets = try few.files(Self.hot)
        let requests = targets.map { few.request($0) }
        _ = try Load(port: few.port, requests: requests, connections: 16).runOnce()
        few.server?.stop()
        try ServerProgram.run(["cp", "-a", folders.0 + "/data", folders.1 + "/data"])
        let seconds = try Stopwatch.once {
            try Self.fill(folders.1 + "/data", count: Self.responseCount, byteCount: 0)
        }
        let sides = try [folders.1, folders.0].map { folder in
            let larder = try programs.startLarder(registry, in: folder)
            let load = try Load(
                port: larder.port, requests: targets.map { larder.request($0) }, connections: 32)
            // Each is looked up in the database once.
            _ = try load.runOnce()
            return Contest.Side(
                name: folder == folders.0 ? "with 5,000" : "with a million", server: larder.server,
                load: load)
        }
        return [Figure("filling the database", seconds, "s")]
            + (try Contest(
                title: "hot files", measure: .requests, own: sides[0], peers: [sides[1]], rounds: 9
            ).figures(goal: 0.95, mayMiss: true))
    }

    /// Adds responses behind the server's back, while it is stopped.
    static func fill(_ data: String, count: Int, byteCount: Int) throws {
        let rows = SQLiteRows(folder: data, file: "larder.sqlite")
        let key = try rows.ask("SELECT key FROM responses WHERE kind = 'artifact' LIMIT 1")
        try rows.add(
            count, like: key.trimmingCharacters(in: .whitespacesAndNewlines), byteCount: byteCount)
    }
}
